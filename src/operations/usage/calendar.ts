/** Days as they are counted: in local time, or in UTC. */
export interface Calendar {
  /** The zone's name: `Europe/Berlin`, `UTC`. */
  readonly zone: string
  /** `2026-11-22`. */
  dayOf(time: number): string
  /** The day `back` days before that of a time. */
  dayBefore(time: number, back: number): string
}

export function openCalendar(utc: boolean): Calendar {
  if (utc) {
    const dayOf = (time: number) => new Date(time).toISOString().slice(0, 10)
    return { zone: "UTC", dayOf, dayBefore: (time, back) => dayOf(time - back * 86_400_000) }
  }
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  const dayBefore = (time: number, back: number) => {
    const at = new Date(time)
    return localDay(new Date(at.getFullYear(), at.getMonth(), at.getDate() - back))
  }
  return { zone, dayOf: (time) => localDay(new Date(time)), dayBefore }
}

function localDay(at: Date): string {
  const two = (number: number) => `${number}`.padStart(2, "0")
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}
