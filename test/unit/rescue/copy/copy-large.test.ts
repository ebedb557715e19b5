/** Files so large that they are copied past the kernel's memory, several parts at a time. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { createHash } from "node:crypto"
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { join } from "node:path"
import { copyVerified } from "../../../../src/rescue/copy/copy.ts"
import { directChunkBytes, directIoThreshold } from "../../../../src/rescue/io/chunk-sizes.ts"
import { reverify } from "../../../../src/rescue/verify/reverify.ts"
import { pageCache } from "../../../../src/system/native/page-cache.ts"
import { copiesHere, onDisk } from "../../../fixtures/disk.ts"
import { meddling, quiet, SaveHarness } from "../save-harness.ts"
import { failing, numbered, overwriteBytes, sha256, stillOpen } from "./bytes.ts"

const odd = directIoThreshold + 3 * directChunkBytes + 4711
const copySteps = Math.ceil(odd / directChunkBytes)

let harness: SaveHarness
let source: string
let target: string
beforeEach(() => {
  harness = new SaveHarness()
  source = harness.write("source", numbered(odd))
  target = join(harness.root, "copy")
})
afterEach(() => harness.dispose())

const same = () => readFileSync(target).equals(readFileSync(source))

test.if(onDisk)("where these tests run, the kernel's memory can be bypassed", async () => {
  const fd = openSync(source, "r+")
  expect((await pageCache()).bypass(fd, "on")).toBe(true)
  expect(() => writeSync(fd, "x", 1)).toThrow("EINVAL")
  expect((await pageCache()).bypass(fd, "off")).toBe(true)
  expect(writeSync(fd, "x", 1)).toBe(1)
  closeSync(fd)
})

test.each([
  ["whole sectors", directIoThreshold],
  ["one byte more", directIoThreshold + 1],
  ["one byte less than a step more", directIoThreshold + directChunkBytes - 1],
  ["a tail of its own", odd],
])("the copy and its sums are right: %s", async (_, length) => {
  truncateSync(source, length)
  const copied = await copyVerified(source, target, true, quiet)
  expect([copied.length, copied.sha256, same()]).toEqual([length, sha256(source), true])
  expect(copied.md5).toBe(createHash("md5").update(readFileSync(source)).digest("hex"))
})

test.if(copiesHere)("one that grows is copied as it was; one cut off meanwhile is copied again", async () => {
  const growing = meddling(() => appendFileSync(source, "more"))
  expect((await copyVerified(source, target, false, growing)).length).toBe(odd)
  expect(readFileSync(target).equals(readFileSync(source).subarray(0, odd))).toBe(true)
  for (const time of [5, copySteps + 5]) {
    rmSync(target)
    writeFileSync(source, numbered(odd))
    const cutting = meddling((now) => now === time && truncateSync(source, directIoThreshold + time))
    expect((await copyVerified(source, target, false, cutting)).length).toBe(directIoThreshold + time)
    expect(same()).toBe(true)
  }
})

test.if(copiesHere).each([7, odd - 7])(
  "a byte of the source that changes after it was copied is seen, at %d",
  async (at) => {
    const changing = meddling((time) => time === copySteps && overwriteBytes(source, at, "!"))
    const copied = await copyVerified(source, target, false, changing)
    expect([copied.sha256, same()]).toEqual([sha256(source), true])
    rmSync(target)
    const always = meddling((time) => time % copySteps === 0 && overwriteBytes(source, at, `${time}`))
    expect(await failing(copyVerified(source, target, false, always))).toBe("COPY_MISMATCH")
    expect(existsSync(target)).toBe(false)
  },
)

test.if(copiesHere).each([7, odd - 7])("a byte damaged on its way to the disk is seen, at %d", async (at) => {
  const damage = meddling((time) => time === copySteps && overwriteBytes(target, at, "!"))
  await copyVerified(source, target, false, damage)
  expect(same()).toBe(true)
})

test("without a thread of its own for the hashing, its copy and its sums are right all the same", async () => {
  const { Worker } = globalThis
  globalThis.Worker = class {
    constructor() {
      throw new Error("no thread")
    }
  } as never
  try {
    const copied = await copyVerified(source, target, true, quiet)
    expect([copied.length, copied.sha256, same()]).toEqual([odd, sha256(source), true])
  } finally {
    globalThis.Worker = Worker
  }
})

test("an interruption leaves no copy and no open file", async () => {
  const stop = new AbortController()
  const progress = { signal: stop.signal, advance: () => stop.abort() }
  expect(await failing(copyVerified(source, target, false, progress))).toBe("INTERRUPTED")
  expect([existsSync(target), stillOpen(harness.root)]).toEqual([false, []])
})

test("looked at again, a change is told from a damage", async () => {
  const { sha256: sum } = await copyVerified(source, target, false, quiet)
  const file = { role: "transcript", path: "copy", source, length: odd, sha256: sum } as never
  const again = () => reverify(source, target, file, true, quiet)
  expect(await again()).toMatchObject({ md5: createHash("md5").update(readFileSync(source)).digest("hex") })
  overwriteBytes(target, odd - 3, "!")
  expect(await again()).toBe("damaged")
  rmSync(target)
  await copyVerified(source, target, false, quiet)
  overwriteBytes(source, 5 * directChunkBytes, "!")
  expect(await again()).toBe("changed")
})
