import { expect, test } from "bun:test"
import { greatest, least } from "../../../src/domain/extremes.ts"

test("of none there is none", () => {
  expect([greatest([]), least([])]).toEqual([null, null])
})

test("of more values than a call takes arguments", () => {
  const many = Array.from({ length: 2_000_000 }, (_, index) => (index * 7919) % 2_000_003)
  expect(() => Math.max(...many)).toThrow(RangeError)
  expect([greatest(many), least(many)]).toEqual([many.reduce((a, b) => (a > b ? a : b)), 0])
})
