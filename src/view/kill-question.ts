import type { LiveSession } from "../pipeline/look-again.ts"
import { sayDuration } from "../session/duration.ts"
import type { ExportResult } from "../session/export.ts"
import { fit, plain } from "./plain.ts"
import { sayAge, saySize, shortPath } from "./words.ts"

interface QuestionFacts {
  readonly home: string
  readonly graceMs: number
  readonly tree: boolean
}

/** Asked when everything is saved. No is the default; Escape, Ctrl-C and a closed terminal mean No. */
export async function askToEnd(
  session: LiveSession,
  exports: readonly ExportResult[],
  airtight: boolean,
  { home, graceMs, tree }: QuestionFacts,
  signal: AbortSignal,
): Promise<boolean> {
  const { confirm, isCancel } = await import("@clack/prompts")
  const { process: running, id } = session
  const lines = [
    `End ${id?.slice(0, 8) ?? "the client"} (pid ${running.pid}, ${running.terminal ?? "no terminal"})?`,
    `  It is ${session.state}: ${plain(session.detail)}, ${lastActive(session)}${titleOf(session)}.`,
    ...exports.map((result) =>
      result.path === null
        ? "  It has nothing on disk yet: nothing is lost."
        : `  Saved and verified: ${saySize(result.bytes)} in ${plain(shortPath(result.path, home))}`,
    ),
    `  It gets TERM, and KILL if it has not left after ${sayDuration(graceMs)}; what it still writes is saved too.`,
    ...(tree ? ["  What it has started is ended as well (--tree)."] : []),
    ...(airtight
      ? []
      : ["  Here a process cannot be held, only looked at just before: a small window remains."]),
  ]
  const answer = await confirm({ message: lines.join("\n"), initialValue: false, signal })
  return !isCancel(answer) && answer
}

function lastActive({ lastActivity }: LiveSession): string {
  return lastActivity === null ? "no activity yet" : `last active ${sayAge(lastActivity, Date.now())}`
}

function titleOf(session: LiveSession): string {
  return session.title === null ? "" : `, "${fit(plain(session.title), 60)}"` // safety: plain-question
}

let shown = -1

/** The seconds left until KILL, drawn over on a terminal. */
export function showCountdown(lively: boolean, left: number): void {
  const seconds = Math.ceil(left / 1000)
  if (!lively || seconds === shown) return
  shown = seconds
  process.stderr.write(`\r\u001b[Kasked it to leave; KILL in ${seconds} s`)
}

export function clearCountdown(lively: boolean): void {
  if (lively && shown !== -1) process.stderr.write("\r\u001b[K")
  shown = -1
}
