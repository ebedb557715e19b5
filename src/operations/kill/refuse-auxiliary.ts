import { RescueError } from "../../domain/errors.ts"
import type { HelperProcess } from "../../domain/session/background.ts"
import { parseTerminal } from "../../domain/session/terminal.ts"

/**
 * Throws where a name means a process of a client that holds no conversation: ending it would end somebody else's, or
 * nothing would be gained. Says what can be done instead.
 */
export function refuseAuxiliaryProcess(name: string, helpers: ReadonlyMap<number, HelperProcess>): void {
  const terminal = parseTerminal(name)
  const helper =
    helpers.get(Number(name)) ??
    [...helpers.values()].find((each) => terminal !== null && each.terminal === terminal)
  if (helper === undefined) return
  const { pid, message, sessions, hint, role } = helper
  const held =
    role === "window" || sessions.length === 0
      ? ""
      : `: ${sessionsIn(sessions.length)} would end with it or lose its service`
  throw new RescueError(
    "REFUSED",
    `process ${pid} is ${message}${held}`,
    hint ?? "list the sessions: session-rescue --status",
  )
}

function sessionsIn(count: number): string {
  return count === 1 ? "a session" : `${count} sessions`
}
