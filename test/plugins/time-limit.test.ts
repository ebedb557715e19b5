import { expect, test } from "bun:test"
import { timeLimit } from "../../src/plugin-host/time-limit.ts"

const hour = 3_600_000
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }))

test("it comes when the time is over, and says that it was the time", async () => {
  const limit = timeLimit(new AbortController().signal, 1)
  const held = setTimeout(() => {}, hour) // the limit's own timer keeps no program running
  await aborted(limit.signal)
  clearTimeout(held)
  expect(limit.isOver).toBe(true)
})

test("it comes with the outer signal, also where that had come before; that was not the time", () => {
  const outer = new AbortController()
  const limit = timeLimit(outer.signal, hour)
  outer.abort()
  const late = timeLimit(outer.signal, hour)
  expect([limit.signal.aborted, limit.isOver]).toEqual([true, false])
  expect([late.signal.aborted, late.isOver]).toEqual([true, false])
})

test("once it has ended, the outer signal means nothing to it", () => {
  const outer = new AbortController()
  const limit = timeLimit(outer.signal, hour)
  limit.end()
  outer.abort()
  expect(limit.signal.aborted).toBe(false)
})
