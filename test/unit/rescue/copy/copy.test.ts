import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { copyVerified } from "../../../../src/rescue/copy/copy.ts"
import { chunkBytes } from "../../../../src/rescue/io/chunk-sizes.ts"
import { meddling, quiet, SaveHarness } from "../save-harness.ts"

/** The last step of the copying: what comes after it is comparing. */
const copySteps = (3 << 20) / chunkBytes

let harness: SaveHarness
let source: string
let target: string
beforeEach(() => {
  harness = new SaveHarness()
  source = harness.write("source", Buffer.alloc(3 << 20, "abc"))
  target = join(harness.root, "copy")
})
afterEach(() => harness.dispose())

const codeOf = (error: unknown) => (error as { code?: string }).code
const failing = (promise: Promise<unknown>) => promise.then(() => "no error", codeOf)
const openFiles = () => readdirSync("/proc/self/fd").length

test("a file that grows while it is copied is copied as it was", async () => {
  const before = readFileSync(source)
  const copied = await copyVerified(
    source,
    target,
    false,
    meddling(() => appendFileSync(source, "more")),
  )
  expect(copied.length).toBe(before.length)
  expect(readFileSync(target).equals(before)).toBe(true)
})

test("a file that shrinks once is copied as it is then; one that goes on shrinking is refused", async () => {
  await copyVerified(
    source,
    target,
    false,
    meddling(() => truncateSync(source, 1 << 20), 1),
  )
  expect(readFileSync(target).equals(readFileSync(source))).toBe(true)
  rmSync(target)
  let size = 1 << 20
  const shrinking = meddling(() => truncateSync(source, --size))
  expect(await failing(copyVerified(source, target, false, shrinking))).toBe("SOURCE_CHANGED")
  expect(existsSync(target)).toBe(false)
})

test("a file that is cut off while it is compared is copied again", async () => {
  const copied = await copyVerified(
    source,
    target,
    false,
    meddling((time) => time === copySteps + 1 && truncateSync(source, 5)),
  )
  expect([copied.length, readFileSync(target, "utf8")]).toEqual([5, "abcab"])
})

test("a file that is cut off right after its last byte was compared is copied again", async () => {
  const copied = await copyVerified(
    source,
    target,
    false,
    meddling((time) => time === 2 * copySteps && truncateSync(source, 5)),
  )
  expect([copied.length, readFileSync(target, "utf8")]).toEqual([5, "abcab"])
})

test("a file replaced by another is copied anew; one replaced every time is refused", async () => {
  const replace = (text: string) => {
    writeFileSync(`${source}.new`, text)
    renameSync(`${source}.new`, source)
  }
  await copyVerified(
    source,
    target,
    false,
    meddling(() => replace("another"), 1),
  )
  expect(readFileSync(target, "utf8")).toBe("another")
  rmSync(target)
  const always = meddling(() => replace("yet another"))
  expect(await failing(copyVerified(source, target, false, always))).toBe("SOURCE_CHANGED")
  expect(existsSync(target)).toBe(false)
})

test("a file deleted while it is copied is saved whole, and that is said", async () => {
  const before = readFileSync(source)
  const copied = await copyVerified(
    source,
    target,
    false,
    meddling(() => existsSync(source) && unlinkSync(source)),
  )
  expect([copied.vanished, readFileSync(target).equals(before)]).toEqual([true, true])
})

test("a file rewritten at the same length is copied again, and refused when it never holds still", async () => {
  const rewrite = (time: number) => writeFileSync(source, Buffer.alloc(3 << 20, `${time}`))
  await copyVerified(source, target, false, meddling(rewrite, 2))
  expect(readFileSync(target).equals(readFileSync(source))).toBe(true)
  rmSync(target)
  expect(await failing(copyVerified(source, target, false, meddling(rewrite)))).toBe("COPY_MISMATCH")
  expect(existsSync(target)).toBe(false)
})

test("a byte that changes between copying and comparing is seen", async () => {
  const overwriteBytes = meddling((time) => {
    if (time !== copySteps) return
    const bytes = readFileSync(source)
    bytes[7] = 0
    writeFileSync(source, bytes)
  })
  await copyVerified(source, target, false, overwriteBytes)
  expect(readFileSync(target)[7]).toBe(0)
})

test("a copy damaged on its way to the disk is seen", async () => {
  const damage = meddling((time) => time === copySteps && writeFileSync(target, Buffer.alloc(3 << 20, "abd")))
  await copyVerified(source, target, false, damage)
  expect(readFileSync(target).equals(readFileSync(source))).toBe(true)
})

test("links, folders and missing files are told apart", async () => {
  symlinkSync(source, join(harness.root, "link"))
  mkdirSync(join(harness.root, "folder"))
  const copy = (name: string) => failing(copyVerified(join(harness.root, name), target, false, quiet))
  expect([await copy("link"), await copy("folder"), await copy("missing")]).toEqual([
    "SOURCE_IS_LINK",
    "SOURCE_NOT_REGULAR",
    "SOURCE_GONE",
  ])
  expect(existsSync(target)).toBe(false)
})

test("a target that exists is never written over", async () => {
  writeFileSync(target, "precious")
  expect(await failing(copyVerified(source, target, false, quiet))).toBe("CANNOT_WRITE")
  expect(readFileSync(target, "utf8")).toBe("precious")
})

test("no file stays open, whatever happens", async () => {
  await copyVerified(source, `${target}0`, false, quiet)
  const before = openFiles()
  let size = 3 << 20
  await failing(
    copyVerified(
      source,
      target,
      false,
      meddling(() => truncateSync(source, --size)),
    ),
  )
  await failing(copyVerified(join(harness.root, "missing"), target, false, quiet))
  await failing(copyVerified(harness.root, target, false, quiet))
  await failing(copyVerified(source, join(harness.root, "no/such/folder"), false, quiet))
  expect(openFiles()).toBe(before)
})
