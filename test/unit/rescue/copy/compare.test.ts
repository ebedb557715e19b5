import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { closeSync, openSync } from "node:fs"
import { compareBytes, type Sink } from "../../../../src/rescue/copy/compare.ts"
import {
  bufferRing,
  chunkBytes,
  directChunkBytes,
  directIoThreshold,
  maxInFlight,
} from "../../../../src/rescue/io/chunk-sizes.ts"
import { quiet, SaveHarness } from "../save-harness.ts"

let harness: SaveHarness
beforeEach(() => {
  harness = new SaveHarness()
})
afterEach(() => harness.dispose())

/** Compares two files of one repeated letter, so that what the step before has left in memory looks right. */
async function same(length: number, sizes: readonly number[], sink: Sink, letter = "x"): Promise<boolean> {
  const toError = (error: unknown) => error as Error
  const open = sizes.map((size, index) =>
    openSync(harness.write(`${index}`, Buffer.alloc(size, index === 0 ? "x" : letter)), "r"),
  )
  try {
    const [a = -1, b = -1] = open
    return await compareBytes({ fd: a, toError }, { fd: b, toError }, length, quiet, sink)
  } finally {
    for (const fd of open) closeSync(fd)
  }
}

describe.each([
  ["as it comes", 3 * chunkBytes, chunkBytes, 1],
  ["past the kernel's memory", directIoThreshold + 2 * directChunkBytes, directChunkBytes, maxInFlight + 1],
])("read %s", (_, length, step, count) => {
  const sink = () => ({ nextBuffer: bufferRing(count, step), add() {} })

  test("files that agree as far as is asked agree, whatever follows", async () => {
    expect(await same(length, [length, length], sink())).toBe(true)
    expect(await same(length, [length, length + 5], sink())).toBe(true)
  })

  test("a file that ends too early does not, on neither side", async () => {
    expect(await same(length, [length - 1, length], sink())).toBe(false)
    expect(await same(length, [length, length - 1], sink())).toBe(false)
    expect(await same(length, [length, length - step], sink())).toBe(false)
    expect(await same(length, [length - step, length - step], sink())).toBe(false)
  })

  test("nor does one of other bytes", async () => {
    expect(await same(length, [length, length], sink(), "y")).toBe(false)
  })
})
