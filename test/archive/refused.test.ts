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
import { Shelf } from "./archive-harness.ts"

let shelf: Shelf
beforeEach(async () => {
  shelf = new Shelf()
  shelf.write("a/tool.txt", "result\n")
  await shelf.save(shelf.plan("a/tool.txt"))
})
afterEach(() => shelf.dispose())

/** It was refused with these words, the export is as it was, and the archive folder holds nothing of it. */
async function refused(words: RegExp, archiver?: string): Promise<void> {
  const before = tree(shelf.pending)
  await expect(shelf.archiveIt(archiver)).rejects.toThrow(words)
  expect(tree(shelf.pending)).toEqual(before)
  expect(shelf.archived().filter((name) => !name.startsWith("mine"))).toEqual([])
}

function rewriteManifest(change: (text: string) => string): void {
  const { manifestPath } = shelf.saved("pending")
  writeFileSync(manifestPath, change(readFileSync(manifestPath, "utf8")))
}

const both = ["archive-zstd", "archive-move"]

test.each(both)("%s: an export whose bytes do not match its manifest is not archived", async (archiver) => {
  const { path } = shelf.saved("pending")
  writeFileSync(path, "one\ntwo\nthrew\n")
  await refused(/jsonl does not match its manifest/, archiver)
})

test.each(both)("%s: neither is one that is cut short, or lacks a file", async (archiver) => {
  const { path, name } = shelf.saved("pending")
  truncateSync(path, 3)
  await refused(/has 3 bytes and should have 14/, archiver)
  writeFileSync(path, "one\ntwo\nthree\n")
  rmSync(`${shelf.pending}/${name}.files/a/tool.txt`)
  await refused(/tool\.txt is missing/, archiver)
})

test.each(both)("%s: a link in an export is not followed", async (archiver) => {
  const { path, name } = shelf.saved("pending")
  const moved = shelf.write("elsewhere", readFileSync(path))
  rmSync(path)
  symlinkSync(moved, path)
  await refused(/is a link/, archiver)
  rmSync(path)
  writeFileSync(path, readFileSync(moved))
  renameSync(`${shelf.pending}/${name}.files/a`, join(shelf.root, "a"))
  symlinkSync(join(shelf.root, "a"), `${shelf.pending}/${name}.files/a`)
  await refused(/is missing or is not a folder/, archiver)
})

test.each(both)("%s: a manifest that leads elsewhere is not followed", async (archiver) => {
  const { name } = shelf.saved("pending")
  const inside = `"path": "${name}.files/a/tool.txt"`
  shelf.write("secret", "result\n")
  for (const path of [
    `${name}.files/../../secret`,
    "../home/secret",
    join(shelf.home, "secret"),
    `${name}.files/`,
  ]) {
    rewriteManifest((text) => text.replace(inside, `"path": ${JSON.stringify(path)}`))
    await refused(/names a file outside its export|is not a plain file|cannot be read/, archiver)
    rewriteManifest((text) => text.replace(`"path": ${JSON.stringify(path)}`, inside))
  }
  rewriteManifest((text) => text.slice(0, text.length / 2))
  expect(() => shelf.saved("pending")).toThrow()
})

test("what stands in the archive under its name is not replaced", async () => {
  const { name } = shelf.saved("pending")
  mkdirSync(shelf.archive)
  const mine = `${shelf.archive}/${name}.jsonl.zst`
  writeFileSync(mine, "mine")
  const before = tree(shelf.pending)
  await expect(shelf.archiveIt()).rejects.toThrow(/is in the way/)
  expect(readFileSync(mine, "utf8")).toBe("mine")
  expect(tree(shelf.pending)).toEqual(before)
  rmSync(mine)
  expect((await shelf.archiveIt()).path).toBe(mine)
})

test("a folder of the archive that is a link is not written through", async () => {
  const { name } = shelf.saved("pending")
  mkdirSync(shelf.archive)
  mkdirSync(join(shelf.root, "elsewhere"))
  symlinkSync(join(shelf.root, "elsewhere"), `${shelf.archive}/${name}.files`)
  await expect(shelf.archiveIt()).rejects.toThrow(/is in the way: it is not a folder/)
  expect(readdirSync(join(shelf.root, "elsewhere"))).toEqual([])
  expect(existsSync(shelf.saved("pending").path)).toBe(true)
})

test("an archive folder that everybody can write to, or that is none, is refused; a link to one is followed", async () => {
  mkdirSync(join(shelf.root, "disk"), { mode: 0o700 })
  writeFileSync(shelf.archive, "")
  await refusedFolder(/is not a folder/)
  rmSync(shelf.archive)
  symlinkSync("/nowhere", shelf.archive)
  await refusedFolder(/leads nowhere/)
  rmSync(shelf.archive)
  symlinkSync(join(shelf.root, "disk"), shelf.archive)
  await shelf.archiveIt()
  expect(readdirSync(join(shelf.root, "disk")).length).toBe(4)
  expect(shelf.names()).toEqual([])
})

async function refusedFolder(words: RegExp): Promise<void> {
  const before = tree(shelf.pending)
  await expect(shelf.archiveIt()).rejects.toThrow(words)
  expect(tree(shelf.pending)).toEqual(before)
}

test("an archive of another export under the same name is not taken for this one", async () => {
  const { name } = shelf.saved("pending")
  await shelf.archiveIt()
  await shelf.save(shelf.plan("a/tool.txt"), { archive: "/nonexistent" })
  const now = shelf.saved("pending").name
  for (const each of shelf.names()) {
    renameSync(`${shelf.pending}/${each}`, `${shelf.pending}/${each.replace(now, name)}`)
  }
  rewriteManifest((text) =>
    text.replaceAll(now, name).replace(/"exportedAt": "[^"]+"/, '"exportedAt": "later"'),
  )
  const before = tree(shelf.pending)
  await expect(shelf.archiveIt()).rejects.toThrow(/belongs to a different export/)
  expect(tree(shelf.pending)).toEqual(before)
})

test("called off, it leaves the export as it was and nothing behind", async () => {
  const before = tree(shelf.pending)
  await expect(shelf.archiveIt("archive-zstd", AbortSignal.abort())).rejects.toThrow(/interrupted/)
  expect(tree(shelf.pending)).toEqual(before)
  expect(shelf.archived()).toEqual([])
})
