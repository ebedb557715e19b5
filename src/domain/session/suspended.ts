import type { LiveProcess } from "./session.ts"

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
