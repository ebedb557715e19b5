import { afterEach, beforeEach, expect, test } from "bun:test"
import { closeSync, openSync } from "node:fs"
import { sameBytes } from "../../src/rescue/compare.ts"
import { stepBytes } from "../../src/rescue/sums.ts"
import { Desk, quiet } from "./desk.ts"

let desk: Desk
beforeEach(() => {
  desk = new Desk()
})
afterEach(() => desk.dispose())

const length = 3 * stepBytes

/** Compares two files of one repeated letter, so that what the step before has left in memory looks right. */
async function same(one: number, other: number, letter = "x"): Promise<boolean> {
  const trouble = (error: unknown) => error as Error
  const sides = [
    [one, "x"],
    [other, letter],
  ].map(([size, fill], index) =>
    openSync(desk.write(`${index}`, Buffer.alloc(Number(size), String(fill))), "r"),
  )
  try {
    const [a = -1, b = -1] = sides
    return await sameBytes({ fd: a, trouble }, { fd: b, trouble }, length, quiet)
  } finally {
    for (const fd of sides) closeSync(fd)
  }
}

test("files that agree as far as is asked agree, whatever follows", async () => {
  expect(await same(length, length)).toBe(true)
  expect(await same(length, length + 5)).toBe(true)
})

test("a file that ends too early does not, on neither side", async () => {
  expect(await same(length - 1, length)).toBe(false)
  expect(await same(length, length - 1)).toBe(false)
  expect(await same(length - stepBytes, length - stepBytes)).toBe(false)
})

test("nor does one of other bytes", async () => {
  expect(await same(length, length, "y")).toBe(false)
})
