declare const brand: unique symbol
declare const endable: unique symbol

/** A process id, validated when parsed, so that 0 or −1 is never used as a single process. */
export type Pid = number & { readonly [brand]: "Pid" }

/**
 * A process id that may be signalled. Process 1 is visible like any other (a client in a container may be
 * process 1), but ending it ends the whole system or container.
 */
export type EndablePid = Pid & { readonly [endable]: "EndablePid" }

export function parsePid(value: number | string): Pid | null {
  const pid = typeof value === "number" ? value : /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN
  return Number.isSafeInteger(pid) && pid > 0 ? (pid as Pid) : null
}

export function parseEndablePid(value: number | string): EndablePid | null {
  const pid = parsePid(value)
  return pid !== null && pid > 1 ? (pid as EndablePid) : null
}

/** Identifies a process despite pid reuse: the start mark differs. */
export interface ProcessIdentity {
  readonly pid: Pid
  readonly startMark: string
}

export function sameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startMark === b.startMark
}
