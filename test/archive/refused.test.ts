import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { tree } from "../fixtures/machine.ts"
import { ArchiveHarness } from "./archive-harness.ts"

let harness: ArchiveHarness
beforeEach(async () => {
  harness = new ArchiveHarness()
  harness.write("a/tool.txt", "result\n")
  await harness.save(harness.plan("a/tool.txt"))
})
afterEach(() => harness.dispose())

/** It was refused with these words, the export is as it was, and the archive folder holds nothing of it. */
async function refused(words: RegExp, archiver?: string): Promise<void> {
  const before = tree(harness.pending)
  await expect(harness.archiveIt(archiver)).rejects.toThrow(words)
  expect(tree(harness.pending)).toEqual(before)
  expect(harness.archived().filter((name) => !name.startsWith("mine"))).toEqual([])
}

function rewriteManifest(change: (text: string) => string): void {
  const { manifestPath } = harness.saved("pending")
  writeFileSync(manifestPath, change(readFileSync(manifestPath, "utf8")))
}

const both = ["archive-zstd", "archive-move"]

test.each(both)("%s: an export whose bytes do not match its manifest is not archived", async (archiver) => {
  const { path } = harness.saved("pending")
  writeFileSync(path, "one\ntwo\nthrew\n")
  await refused(/jsonl does not match its manifest/, archiver)
})

test.each(both)("%s: neither is one that is cut short, or lacks a file", async (archiver) => {
  const { path, name } = harness.saved("pending")
  truncateSync(path, 3)
  await refused(/has 3 bytes and should have 14/, archiver)
  writeFileSync(path, "one\ntwo\nthree\n")
  rmSync(`${harness.pending}/${name}.files/a/tool.txt`)
  await refused(/tool\.txt is missing/, archiver)
})

test.each(both)("%s: a link in an export is not followed", async (archiver) => {
  const { path, name } = harness.saved("pending")
  const moved = harness.write("elsewhere", readFileSync(path))
  rmSync(path)
  symlinkSync(moved, path)
  await refused(/is a link/, archiver)
  rmSync(path)
  writeFileSync(path, readFileSync(moved))
  renameSync(`${harness.pending}/${name}.files/a`, join(harness.root, "a"))
  symlinkSync(join(harness.root, "a"), `${harness.pending}/${name}.files/a`)
  await refused(/is missing or is not a folder/, archiver)
})

test.each(both)("%s: a manifest that leads elsewhere is not followed", async (archiver) => {
  const { name } = harness.saved("pending")
  const inside = `"path": "${name}.files/a/tool.txt"`
  harness.write("secret", "result\n")
  for (const path of [
    `${name}.files/../../secret`,
    "../home/secret",
    join(harness.home, "secret"),
    `${name}.files/`,
  ]) {
    rewriteManifest((text) => text.replace(inside, `"path": ${JSON.stringify(path)}`))
    await refused(/names a file outside its export|is not a plain file|cannot be read/, archiver)
    rewriteManifest((text) => text.replace(`"path": ${JSON.stringify(path)}`, inside))
  }
  rewriteManifest((text) => text.slice(0, text.length / 2))
  expect(() => harness.saved("pending")).toThrow()
})

test("what stands in the archive under its name is not replaced", async () => {
  const { name } = harness.saved("pending")
  mkdirSync(harness.archive)
  const mine = `${harness.archive}/${name}.jsonl.zst`
  writeFileSync(mine, "mine")
  const before = tree(harness.pending)
  await expect(harness.archiveIt()).rejects.toThrow(/is in the way/)
  expect(readFileSync(mine, "utf8")).toBe("mine")
  expect(tree(harness.pending)).toEqual(before)
  rmSync(mine)
  expect((await harness.archiveIt()).path).toBe(mine)
})

test("a folder of the archive that is a link is not written through", async () => {
  const { name } = harness.saved("pending")
  mkdirSync(harness.archive)
  mkdirSync(join(harness.root, "elsewhere"))
  symlinkSync(join(harness.root, "elsewhere"), `${harness.archive}/${name}.files`)
  await expect(harness.archiveIt()).rejects.toThrow(/is in the way: it is not a folder/)
  expect(readdirSync(join(harness.root, "elsewhere"))).toEqual([])
  expect(existsSync(harness.saved("pending").path)).toBe(true)
})

test("an archive folder that everybody can write to, or that is none, is refused; a link to one is followed", async () => {
  mkdirSync(join(harness.root, "disk"), { mode: 0o700 })
  writeFileSync(harness.archive, "")
  await refusedFolder(/is not a folder/)
  rmSync(harness.archive)
  symlinkSync("/nowhere", harness.archive)
  await refusedFolder(/leads nowhere/)
  rmSync(harness.archive)
  symlinkSync(join(harness.root, "disk"), harness.archive)
  await harness.archiveIt()
  expect(readdirSync(join(harness.root, "disk")).length).toBe(4)
  expect(harness.names()).toEqual([])
})

async function refusedFolder(words: RegExp): Promise<void> {
  const before = tree(harness.pending)
  await expect(harness.archiveIt()).rejects.toThrow(words)
  expect(tree(harness.pending)).toEqual(before)
}

test("an archive of another export under the same name is not taken for this one", async () => {
  const { name } = harness.saved("pending")
  await harness.archiveIt()
  await harness.save(harness.plan("a/tool.txt"), { archive: "/nonexistent" })
  const now = harness.saved("pending").name
  for (const each of harness.names()) {
    renameSync(`${harness.pending}/${each}`, `${harness.pending}/${each.replace(now, name)}`)
  }
  rewriteManifest((text) =>
    text.replaceAll(now, name).replace(/"exportedAt": "[^"]+"/, '"exportedAt": "later"'),
  )
  const before = tree(harness.pending)
  await expect(harness.archiveIt()).rejects.toThrow(/belongs to a different export/)
  expect(tree(harness.pending)).toEqual(before)
})

test("called off, it leaves the export as it was and nothing behind", async () => {
  const before = tree(harness.pending)
  await expect(harness.archiveIt("archive-zstd", AbortSignal.abort())).rejects.toThrow(/interrupted/)
  expect(tree(harness.pending)).toEqual(before)
  expect(harness.archived()).toEqual([])
})
