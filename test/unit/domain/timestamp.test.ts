import { describe, expect, test } from "bun:test"
import { parseTimestamp } from "../../../src/domain/timestamp.ts"

const now = new Date(2026, 10, 22, 15, 30).getTime()
const local = (year: number, month: number, date: number, hour = 0, minute = 0, second = 0, rest = 0) =>
  new Date(year, month, date, hour, minute, second, rest).getTime()

describe("a point in time as a person types it", () => {
  test.each([
    ["today", local(2026, 10, 22)],
    ["Yesterday", local(2026, 10, 21)],
    ["90m", now - 90 * 60_000],
    ["3d", now - 3 * 86_400_000],
    ["2w", now - 14 * 86_400_000],
    ["2026-02-28", local(2026, 1, 28)],
    ["2024-02-29", local(2024, 1, 29)],
    ["2026-11-01 14:30", local(2026, 10, 1, 14, 30)],
    ["2026-11-01T14:30:05.25", local(2026, 10, 1, 14, 30, 5, 250)],
    ["2026-11-01T14:30:00Z", Date.UTC(2026, 10, 1, 14, 30)],
    ["2026-11-01T14:30+02:00", Date.UTC(2026, 10, 1, 12, 30)],
    ["2026-11-01T14:30-0530", Date.UTC(2026, 10, 1, 20, 0)],
  ])("%p", (text, at) => expect(parseTimestamp(text, now)).toBe(at))

  test("a day as an end is its last moment", () => {
    expect(parseTimestamp("2026-11-01", now, true)).toBe(local(2026, 10, 2) - 1)
    expect(parseTimestamp("today", now, true)).toBe(local(2026, 10, 23) - 1)
    expect(parseTimestamp("2026-11-01T14:30", now, true)).toBe(local(2026, 10, 1, 14, 30))
  })

  test.each([
    "",
    "soon",
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-11-31",
    "2026-11-01T24:00",
    "2026-11-01T12:60",
    "2026-11-01Z",
    "22.11.2026",
    "-3d",
    "3x",
  ])("%p is none", (text) => expect(parseTimestamp(text, now)).toBeNull())
})
