import type { Pid } from "./pid.ts"
import type { LiveProcess } from "./session.ts"

/** The process that a person sees: the window of a session that a service runs, else the session's own. */
export function pidAtTerminal({ pid, window }: LiveProcess): Pid {
  return window ?? pid
}

/**
 * What continues a process that Ctrl-Z or SIGSTOP has stopped, as a person would type it: `fg in pts/3`. null for a
 * process that is not stopped, or is stopped by a debugger.
 */
export function describeContinue({
  letter,
  pid,
  terminal,
}: Pick<LiveProcess, "letter" | "pid" | "terminal">): string | null {
  if (letter !== "T") return null
  return terminal === null ? `kill -CONT ${pid}` : `fg in ${terminal}`
}
