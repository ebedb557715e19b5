/** Files so large that their beginning is compared while their end is still being written. */
import { afterAll, afterEach, beforeAll, expect, test } from "bun:test"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { copyVerified } from "../../../../src/rescue/copy/copy.ts"
import { startCursors } from "../../../../src/rescue/copy/copy-cursors.ts"
import { directChunkBytes, flushIntervalBytes } from "../../../../src/rescue/io/chunk-sizes.ts"
import { copiesHere, onDisk } from "../../../fixtures/disk.ts"
import { meddling, quiet, SaveHarness } from "../save-harness.ts"
import { failing, numbered, overwriteBytes, sha256, stillOpen } from "./bytes.ts"

const odd = 2 * flushIntervalBytes + 3 * directChunkBytes + 4711

let harness: SaveHarness
let source: string
let target: string
beforeAll(() => {
  harness = new SaveHarness()
  source = harness.write("source", numbered(odd))
  target = join(harness.root, "copy")
})
afterEach(() => {
  rmSync(target, { force: true })
})
afterAll(() => harness.dispose())

const right = () => readFileSync(target).equals(readFileSync(source))
const written = () => statSync(target).size

/** By how many steps the steps done have ever been more than what had been written, before all was. */
async function stepsAhead(): Promise<number> {
  let ahead = 0
  const watching = meddling((time) => {
    const size = written()
    if (size < odd) ahead = Math.max(ahead, time - size / directChunkBytes)
  })
  expect((await copyVerified(source, target, false, watching)).sha256).toBe(sha256(source))
  return ahead
}

test.if(onDisk && copiesHere)("what is flushed is compared before the rest is written", async () => {
  expect(await stepsAhead()).toBeGreaterThanOrEqual(flushIntervalBytes / directChunkBytes)
})

test.each([2 * flushIntervalBytes, 2 * flushIntervalBytes + 1, 3 * flushIntervalBytes - 1, odd])(
  "the copy and its sums are right: %d bytes",
  async (length) => {
    const other = harness.write("other", numbered(length))
    const copied = await copyVerified(other, target, true, quiet)
    const bytes = readFileSync(target)
    expect([copied.length, copied.sha256, bytes.length]).toEqual([length, sha256(other), length])
    expect(copied.md5).toBe(createHash("md5").update(bytes).digest("hex"))
    expect(bytes.equals(readFileSync(other))).toBe(true)
  },
)

const moments = [
  ["the first stretch", 7, (time: number) => time === flushIntervalBytes / directChunkBytes],
  [
    "the second",
    flushIntervalBytes + 7,
    (time: number) => time > flushIntervalBytes / directChunkBytes && written() === 2 * flushIntervalBytes,
  ],
  ["the last bytes", odd - 7, () => written() === odd],
] as const

test.if(copiesHere).each(moments)(
  "a byte damaged on its way to the disk is seen in %s",
  async (_, at, isNow) => {
    let done = 0
    const damaging = meddling((time) => {
      if (done === 0 && isNow(time)) done = overwriteBytes(target, at, "!")
    })
    await copyVerified(source, target, false, damaging)
    expect([done, right()]).toEqual([1, true])
  },
)

test.if(copiesHere).each(moments)(
  "a byte of the source that is not what was copied is seen in %s",
  async (_, at, isNow) => {
    let done = 0
    const changing = meddling((time) => {
      if (done === 0 && isNow(time)) done = overwriteBytes(source, at, `${time % 10}`)
    })
    const copied = await copyVerified(source, target, false, changing)
    expect([done, copied.sha256, right()]).toEqual([1, sha256(source), true])
  },
)

test("one that is cut off while its beginning is compared is copied again", async () => {
  const other = harness.write("other", numbered(odd))
  let done = 0
  const cutting = meddling(() => {
    if (done++ === 0 || written() < flushIntervalBytes + (flushIntervalBytes >> 1)) return
    truncateSync(other, flushIntervalBytes + 5)
  })
  expect((await copyVerified(other, target, false, cutting)).length).toBe(flushIntervalBytes + 5)
  expect(readFileSync(target).equals(readFileSync(other))).toBe(true)
})

test("an interruption leaves no copy and no open file", async () => {
  const stop = new AbortController()
  const progress = { signal: stop.signal, advance: () => written() > flushIntervalBytes && stop.abort() }
  expect(await failing(copyVerified(source, target, false, progress as typeof quiet))).toBe("INTERRUPTED")
  expect([existsSync(target), stillOpen(harness.root)]).toEqual([false, []])
})

test("a trail is waited for, and ends", async () => {
  const trail = startCursors()
  const [two, nine] = [trail.untilFlushed(2), trail.untilFlushed(9)]
  trail.flushed(1)
  trail.flushed(5)
  expect([await two, trail.untilFlushed(5)]).toEqual([true, true])
  trail.abort()
  expect([await nine, trail.untilFlushed(5), await trail.untilFlushed(6)]).toEqual([false, true, false])
})

test("who writes waits until all that is flushed was compared, or nothing more will be", async () => {
  const trail = startCursors()
  let told = 0
  const following = trail.untilCompared(5).then(() => told++)
  trail.flushed(5)
  trail.compared(4)
  await Promise.resolve()
  expect(told).toBe(0)
  trail.compared(5)
  await following
  const more = trail.untilCompared(9)
  trail.abort()
  await more
  expect(told).toBe(1)
})
