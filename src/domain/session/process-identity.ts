import type { Pid } from "./pid.ts"

/** A process beyond its number: the start mark differs when the number is used again. */
export interface ProcessIdentity {
  readonly pid: Pid
  readonly startMark: string
}

export function sameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startMark === b.startMark
}
