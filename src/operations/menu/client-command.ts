import {
  type ClientProgram,
  clientScriptOf,
  isNativeClient,
  isScriptHost,
} from "../../domain/session/client-program.ts"
import type { FoundSession, Session } from "../../domain/session/session.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { isExecutable } from "../../system/fs/list-dir.ts"
import { findOnPath } from "../../system/process/run-foreground.ts"

/**
 * The command that starts the client of a session: as its live sessions run it (those of the same home first), else
 * from PATH, else where its installers put it. null when there is none.
 */
export async function clientCommand(
  session: Pick<Session, "agent" | "home" | "resumeWay">,
  all: readonly FoundSession[],
  ctx: RunContext,
): Promise<readonly string[] | null> {
  const { resumeWay = null } = session
  if (resumeWay !== null) {
    const [name = ""] = resumeWay.command
    const program = findOnPath(name)
    return program === null ? null : [program]
  }
  const live = all.filter(({ agent, process }) => agent === session.agent && process !== null)
  const pids = live
    .toSorted((a, b) => Number(b.home === session.home) - Number(a.home === session.home))
    .flatMap(({ process }) => process?.pid ?? [])
  const details = await ctx.processes.details(pids, [])
  for (const pid of pids) {
    const program = details.get(pid)
    const command = program === undefined ? null : commandOf(program)
    if (command?.every(isThere)) return command
  }
  const installed = [
    findOnPath("claude"),
    // the native installer and the older local npm install (2.1.332)
    `${ctx.paths.home}/.local/bin/claude`,
    `${session.home}/local/claude`,
  ]
  const found = installed.find((path) => path?.startsWith("/") === true && isExecutable(path))
  return found == null ? null : [found]
}

function commandOf(program: ClientProgram): readonly string[] | null {
  const { executable } = program
  if (executable === null) return null
  if (isScriptHost(program)) {
    const script = clientScriptOf(program)
    return script === undefined ? null : [executable, script]
  }
  return isNativeClient(program) ? [executable] : null
}

/** An update may have removed the version that still runs. */
function isThere(path: string): boolean {
  return path.startsWith("/") && Bun.file(path).size > 0
}
