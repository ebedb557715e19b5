declare const brand: unique symbol

/** A process id above 1: checked once at the door, so that no 0, 1 or −1 can ever reach a signal. */
export type Pid = number & { readonly [brand]: "Pid" }

export function parsePid(value: number | string): Pid | null {
  const pid = typeof value === "number" ? value : /^[0-9]{1,9}$/.test(value) ? Number(value) : Number.NaN
  return Number.isSafeInteger(pid) && pid > 1 ? (pid as Pid) : null
}
