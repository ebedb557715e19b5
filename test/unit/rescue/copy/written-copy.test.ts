import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { uninterruptible } from "../../../../src/domain/progress.ts"
import {
  closeWritten,
  proveCopy,
  type WrittenCopy,
  writeCopy,
} from "../../../../src/rescue/copy/written-copy.ts"
import { openSource } from "../../../../src/rescue/io/source-file.ts"

let folder = ""
let source = ""
let target = ""
let copy: WrittenCopy | null = null
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "written-"))
  source = join(folder, "source")
  target = join(folder, "target")
  writeFileSync(source, "one\ntwo\n")
  copy = await writeCopy(openSource(source), target, false, uninterruptible)
})
afterEach(() => {
  if (copy !== null) closeWritten(copy)
  rmSync(folder, { recursive: true, force: true })
})

const prove = () => (copy === null ? null : proveCopy(copy, uninterruptible))
const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex")

test("a copy is proved to hold the first bytes of its source, which may have grown", async () => {
  appendFileSync(source, "three\n")
  expect(await prove()).toMatchObject({ length: 8, sha256: sha256("one\ntwo\n"), vanished: false })
})

test.each([
  ["the copy is not what was written", () => writeFileSync(target, "one\ntwO\n")],
  ["the source was rewritten at the same length", () => writeFileSync(source, "one\ntwO\n")],
  [
    "both were rewritten alike: its checksum is already in the manifest",
    () => {
      writeFileSync(source, "one\ntwO\n")
      writeFileSync(target, "one\ntwO\n")
    },
  ],
  ["the source was truncated", () => truncateSync(source, 3)],
  ["the copy was truncated", () => truncateSync(target, 3)],
  [
    "the source was replaced, even by the same bytes",
    () => {
      writeFileSync(join(folder, "other"), "one\ntwo\n")
      renameSync(join(folder, "other"), source)
    },
  ],
])("no proof: %s", async (_, change) => {
  change()
  expect(await prove()).toBeNull()
})

test("a source that was deleted meanwhile is in the copy, whole", async () => {
  rmSync(source)
  expect(await prove()).toMatchObject({ length: 8, vanished: true })
})

test("a source that became shorter before it was written leaves nothing", async () => {
  const opened = openSource(source)
  truncateSync(source, 3)
  const other = join(folder, "other")
  expect(await writeCopy(opened, other, false, uninterruptible)).toBeNull()
  expect([existsSync(other), readdirSync(folder).sort()]).toEqual([false, ["source", "target"]])
})
