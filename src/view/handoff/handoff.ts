import type { WrittenFile } from "../../domain/written-file.ts"
import type { HandedSession } from "../../operations/handoff/session-facts.ts"
import { formatSize, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"

export interface HandedOver {
  readonly session: HandedSession
  readonly from: string
  readonly to: string
  readonly file: WrittenFile
  readonly tokens: number
  /** The line that starts the other agent. */
  readonly line: string
  /** The folder in which it starts. */
  readonly folder: string
}

export function handoffDocument(
  { session, from, to, file, tokens, line, folder }: HandedOver,
  warnings: readonly string[],
) {
  const { id, agent, title } = session
  const { path, bytes, sha256 } = file
  return { schemaVersion, id, agent, title, from, to, path, bytes, sha256, tokens, folder, line, warnings }
}

export function showHandoff(
  { session, file, tokens, line, to }: HandedOver,
  home: string,
  out: SystemOutput,
): void {
  out.print(`${sanitize(shortPath(file.path, home))}  ${formatSize(file.bytes)}, about ${tokens} tokens`)
  if (session.isRunning)
    out.print(
      out.paint.yellow(
        `The session is still running: both would work in the same folder. End it first, or wait.`,
      ),
    )
  out.print(`Next: read it (it may hold secrets that were said), then start ${to}:`)
  out.exact(line)
}
