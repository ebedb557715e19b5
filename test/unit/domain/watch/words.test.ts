/** Thresholds, clocks, and the words in which a user is told. */
import { describe, expect, test } from "bun:test"
import { hasSlept } from "../../../../src/domain/watch/clocks.ts"
import { contextFill } from "../../../../src/domain/watch/context-fill.ts"
import { noticeText, type WatchNotice } from "../../../../src/domain/watch/notice.ts"
import { parseThresholds } from "../../../../src/domain/watch/sight.ts"
import { sight } from "./sights.ts"

test("thresholds are read as they are typed, and nothing else is", () => {
  expect(parseThresholds("90%,75%")).toEqual([0.75, 0.9])
  expect(parseThresholds(" 80 ")).toEqual([0.8])
  expect(parseThresholds("75%,75%")).toEqual([0.75])
  for (const wrong of ["", "0%", "100%", "1.5.2", "-5%", "75%;90%", "75%,"])
    expect(parseThresholds(wrong)).toBeNull()
})

test("the share is of what fits before the client compacts", () => {
  expect(contextFill({ tokens: 117_000, window: 200_000, compactsAt: 117_000 })).toBe(1)
  expect(contextFill({ tokens: 100_000, window: 200_000, compactsAt: null })).toBe(0.5)
  expect(contextFill({ tokens: 100_000, window: null, compactsAt: null })).toBeNull()
  expect(contextFill({ tokens: null, window: 200_000, compactsAt: null })).toBeNull()
})

describe("sleep", () => {
  const sample = (wall: number, running: number, slept: number | null = null) => ({ wall, running, slept })

  test.each([
    ["the wall clock alone", sample(8 * 3_600_000, 12_000)],
    ["both clocks", sample(8 * 3_600_000, 8 * 3_600_000)],
    ["the system's own count", sample(12_000, 12_000, 5_000)],
  ])("is told by %s", (_, after) => {
    expect(hasSlept(sample(0, 0, 0), after, 12_000)).toBe(true)
  })

  test("is not told by a late timer, nor by a clock that was set back", () => {
    expect(hasSlept(sample(0, 0, 0), sample(15_000, 15_000, 900), 12_000)).toBe(false)
    expect(hasSlept(sample(9e9, 0), sample(0, 12_000), 12_000)).toBe(false)
  })
})

describe("words", () => {
  const notice = (reason: WatchNotice["reason"], saved: WatchNotice["saved"], changes = {}): WatchNotice => ({
    ...{ reason, saved, path: null, message: null },
    sight: sight(changes),
  })

  test("one notice says what happened, that it is saved, and what to type", () => {
    const crashed = { client: null, detail: "crashed mid-turn", need: "crashed" as const }
    expect(noticeText([notice("crashed", "saved", crashed)])).toEqual({
      title: "session-rescue: a session crashed",
      text: "work a0000001: crashed mid-turn; saved. Next: session-rescue resume a0000001",
    })
  })

  test("the context is told as the client's status line counts it", () => {
    const full = { tokens: 178_000, percent: 89 }
    expect(noticeText([notice("context", "saved", full)]).text).toBe(
      "work a0000001: context 89% of 200k; saved",
    )
    const limited = { tokens: 110_000, percent: 55, compactsAt: 117_000 }
    expect(noticeText([notice("context", "saved", limited)]).text).toBe(
      "work a0000001: context 55% of 200k, compacts at 117k; saved",
    )
    const unknown = { tokens: 110_000, percent: null, window: null, compactsAt: 117_000 }
    expect(noticeText([notice("context", "saved", unknown)]).text).toBe(
      "work a0000001: context 110k tokens, compacts at 117k; saved",
    )
  })

  test("many notices are one, the most urgent first, and what is not saved stands in its title", () => {
    const all = [...Array(40).keys()].map((n) =>
      notice("context", n === 7 ? "no space" : "saved", { id: `b${n}` }),
    )
    const { title, text } = noticeText([...all, notice("hung", "saved")])
    expect(title).toBe("session-rescue: 41 sessions, 1 NOT SAVED")
    expect(text.split("\n")).toHaveLength(5)
    expect(text).toStartWith("work a0000001: hangs (working); saved. Next: session-rescue kill a0000001\n")
    expect(text).toEndWith("\nand 37 more")
  })

  test("nothing is claimed to be saved that is not", () => {
    for (const saved of ["no space", "limit", "failed"] as const)
      expect(noticeText([notice("context", saved)]).text).toContain("NOT SAVED")
  })
})
