/** The clocks of the machine at one moment, in milliseconds. */
export interface ClockSample {
  /** Since 1970; the user may set it. */
  readonly wall: number
  /** Of this process; stands still while a Linux machine or a Mac sleeps. */
  readonly running: number
  /** How long the machine has slept since it was started; null where the system does not tell. */
  readonly slept: number | null
}

/** A timer that is late by more than this was not late because of other work. */
const sleepToleranceMs = 20_000
const sleptToleranceMs = 2_000

/**
 * Whether the machine slept, or the watcher itself was stopped, between two samples that were to be `plannedMs` apart.
 * Whichever clock jumped: some run on while the machine sleeps.
 */
export function hasSlept(before: ClockSample, after: ClockSample, plannedMs: number): boolean {
  if (before.slept !== null && after.slept !== null && after.slept - before.slept > sleptToleranceMs)
    return true
  const late = Math.max(after.wall - before.wall, after.running - before.running) - plannedMs
  return late > sleepToleranceMs
}
