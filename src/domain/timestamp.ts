/** The domain: types and rules without side effects, used by all other folders. */
import { day, parseDuration } from "./duration.ts"

/**
 * Parses a point in time as typed: `2026-11-01`, `2026-11-01T14:30` (local time), with `Z` or an offset,
 * `today`, `yesterday`, or an age (`90m`, `3d`, `2w`). Milliseconds since 1970; null for other text and for a
 * date that does not exist. `end` resolves a whole day to its last moment, as `--until` needs.
 */
export function parseTimestamp(text: string, now: number, end = false): number | null {
  const typed = text.trim().toLowerCase()
  if (typed === "now") return now
  if (typed === "today") return edgeOfDay(now, 0, end)
  if (typed === "yesterday") return edgeOfDay(now, -1, end)
  const weeks = /^(\d+)w$/.exec(typed)
  const ago = weeks === null ? parseDuration(typed) : Number(weeks[1]) * 7 * day
  if (ago !== null) return now - ago
  return parseCalendar(typed, end)
}

/** The start or end of the local day `offset` days from the day of `at`. */
function edgeOfDay(at: number, offset: number, end: boolean): number {
  const date = new Date(at)
  const edge = (days: number) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime()
  return end ? edge(offset + 1) - 1 : edge(offset)
}

const calendar =
  /^(\d{4})-(\d\d)-(\d\d)(?:[t ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3})\d*)?)?)?(z|[+-]\d\d:?\d\d)?$/

function parseCalendar(typed: string, end: boolean): number | null {
  const match = calendar.exec(typed)
  if (match === null) return null
  const [year = 0, month = 0, date = 0, hour, minute, second = 0] = match
    .slice(1, 7)
    .map((part) => (part === undefined ? undefined : Number(part)))
  const zone = match[8]
  if (hour === undefined && zone !== undefined) return null // a date without a time takes no zone
  if (!exists(year, month, date) || (hour ?? 0) > 23 || (minute ?? 0) > 59 || second > 59) return null
  if (hour === undefined) return edgeOfDay(new Date(year, month - 1, date).getTime(), 0, end)
  const thousandths = Number((match[7] ?? "0").padEnd(3, "0"))
  const parts = [year, month - 1, date, hour, minute ?? 0, second, thousandths] as const
  if (zone === undefined) return new Date(...parts).getTime()
  return Date.UTC(...parts) - offsetOf(zone)
}

function exists(year: number, month: number, date: number): boolean {
  const made = new Date(Date.UTC(year, month - 1, date))
  return made.getUTCMonth() === month - 1 && made.getUTCDate() === date
}

/** `+02:00` in milliseconds; 0 for `z`. */
function offsetOf(zone: string): number {
  if (zone === "z") return 0
  const digits = zone.slice(1).replace(":", "")
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return (zone.startsWith("-") ? -1 : 1) * minutes * 60_000
}
