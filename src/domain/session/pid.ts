declare const brand: unique symbol
declare const endable: unique symbol

/** A process id: checked once at the door, so that no 0 or −1 is ever taken for one process. */
export type Pid = number & { readonly [brand]: "Pid" }

/**
 * A process id that may be signalled. Process 1 is seen as any other (a client in a container may be it), but ending it
 * ends all there is.
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

/** A process beyond its number: the start mark differs when the number is used again. */
export interface ProcessIdentity {
  readonly pid: Pid
  readonly startMark: string
}

export function sameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startMark === b.startMark
}
