/** An export goes only when the archive holds it: what was stored is decoded again and compared, byte for byte. */

import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import type { ManifestFile } from "../../src/domain/export/manifest.ts"
import { type Archiver, archiveExports } from "../../src/rescue/archive/archive.ts"
import { sweepArchive } from "../../src/rescue/archive/sweep.ts"
import { stagingFolder } from "../../src/rescue/export/staging.ts"
import { openSource } from "../../src/rescue/io/source-file.ts"
import { verifyDecoded } from "../../src/rescue/verify/verify-archived.ts"
import { readStored } from "../fixtures/built-in.ts"
import { quiet } from "../unit/rescue/save-harness.ts"
import { ArchiveHarness } from "./archive-harness.ts"

const text = "one\ntwo\nthree\n"
const other = "one\ntwo\nthrew\n"

let harness: ArchiveHarness
beforeEach(async () => {
  harness = new ArchiveHarness()
  await harness.save()
})
afterEach(() => harness.dispose())

/** Stores the bytes as they are under a name of its own; `spoil` may change what it stores, or hands out. */
function archiver(spoil: { stored?: string; name?: string; opened?: () => void } = {}): Archiver {
  const name = () => spoil.name ?? `${harness.saved("pending").name}.box`
  return {
    name: "box",
    async store(_, staging) {
      const file = staging.create(name())
      await file.add(Buffer.from(spoil.stored ?? text))
      await file.end()
    },
    async *open(source, file) {
      spoil.opened?.()
      const [path = ""] = source.names()
      yield await source.read(path, 0, file.length)
    },
  }
}

async function archive(by: Archiver): Promise<void> {
  const { archive: folder, warnings } = harness
  const warn = (message: string) => void warnings.push(message)
  const now = () => new Date()
  const options = { archive: folder, version: "0", now, progress: quiet, warn, readStored }
  const saved = harness.saved("pending")
  const result = (await archiveExports([saved], by, options)).get(saved)
  if (result instanceof Error) throw result
}

/** It was refused with these words, and nothing was removed. */
async function refused(words: RegExp, by: Archiver): Promise<void> {
  await expect(archive(by)).rejects.toThrow(words)
  expect(harness.names().filter((name) => /\.(jsonl|manifest\.json)$/.test(name))).toHaveLength(2)
  expect(harness.archived().filter((name) => name.endsWith(".archive.json"))).toEqual([])
}

test("an archiver that stores what was there has it archived", async () => {
  await archive(archiver())
  expect(harness.names()).toEqual([])
  expect(harness.saved("archived").archive).toMatchObject({ archiver: "box" })
})

test("one that stores something else, or less, is not believed", async () => {
  await refused(/checksum differs/, archiver({ stored: other }))
  await refused(/holds 5 bytes instead of 14/, archiver({ stored: "one\nt" }))
})

test("a name outside of the archive is not written to", async () => {
  await refused(/is not a valid name/, archiver({ name: "../outside" }))
  expect(existsSync(`${harness.archive}/outside`)).toBe(false)
})

test("an export whose bytes change while they are archived stays", async () => {
  const { path } = harness.saved("pending")
  await refused(/does not match its manifest/, archiver({ opened: () => writeFileSync(path, other) }))
  writeFileSync(path, text)
})

test("so does one that is replaced meanwhile: that file was not compared", async () => {
  const { path } = harness.saved("pending")
  const replace = () => {
    writeFileSync(`${harness.root}/other`, other)
    renameSync(`${harness.root}/other`, path)
  }
  await expect(archive(archiver({ opened: replace }))).rejects.toThrow(/was changed while it was archived/)
  expect(readFileSync(path, "utf8")).toBe(other)
})

test.each([
  ["goes on being written", () => appendFileSync(harness.saved("pending").path, "four\n")],
  ["is written at the same length", () => writeFileSync(harness.saved("pending").path, text)],
])("so does one that %s when it was compared", async (_, act) => {
  const { store, open } = archiver()
  const compared: Archiver = {
    name: "box",
    store,
    async *open(...args) {
      yield* open(...args)
      setTimeout(act) // after the last byte was compared, before what was stored is read once more
    },
  }
  const { path } = harness.saved("pending")
  utimesSync(path, 1, 1)
  await expect(archive(compared)).rejects.toThrow(/changed while it was archived/)
  expect(existsSync(path)).toBe(true)
})

test("what lies in the archive already, by hand, is compared before the export goes", async () => {
  const { name, path } = harness.saved("pending")
  mkdirSync(harness.archive)
  const theirs = `${harness.archive}/${name}`
  writeFileSync(`${theirs}.manifest.json`, readFileSync(path.replace(/jsonl$/, "manifest.json")))
  writeFileSync(`${theirs}.jsonl`, other)
  await refused(/checksum differs/, archiver())
  writeFileSync(`${theirs}.jsonl`, text)
  await archive(archiver())
  expect(harness.names()).toEqual([])
})

describe("what is decoded", () => {
  function proved(decoded: string, from?: string) {
    const file = harness.saved("pending").manifest.files[0] as ManifestFile
    async function* bytes() {
      yield Buffer.from(decoded)
    }
    return verifyDecoded(file, bytes(), from === undefined ? null : openSource(from), false, quiet)
  }

  test("must have the length and the checksum of the manifest", async () => {
    expect(await proved(text)).toMatchObject({ same: true })
    await expect(proved(other)).rejects.toThrow("checksum differs")
    await expect(proved(text.slice(0, 5))).rejects.toThrow("holds 5 bytes instead of 14")
    await expect(proved(`${text}more`)).rejects.toThrow("holds more")
  })

  test("is compared with the file it was made of", async () => {
    expect(await proved(text, harness.write("same", text))).toMatchObject({ same: true })
    expect(await proved(text, harness.write("differs", other))).toMatchObject({ same: false })
    expect(await proved(text, harness.write("shorter", text.slice(0, 5)))).toMatchObject({ same: false })
  })
})

describe("what a dead run has left", () => {
  const options = () => {
    const { pending, archive: folder, warnings } = harness
    const warn = (message: string) => void warnings.push(message)
    return { pending, archive: folder, progress: quiet, warn, readStored }
  }
  /** An archive that was being made of the export, by this run or one that is gone. */
  async function staging(alive: boolean): Promise<string> {
    const { manifestPath, path } = harness.saved("pending")
    const own = await stagingFolder(harness.archive, harness.id)
    const folder = alive ? own : own.replace(/-\d+-\d+(\.[0-9a-f]+\.tmp)$/, "-4194304-1$1")
    mkdirSync(`${folder}/files`, { recursive: true })
    writeFileSync(`${folder}/manifest.json`, readFileSync(manifestPath))
    writeFileSync(`${folder}/files/${harness.saved("pending").name}.box`, readFileSync(path))
    return folder
  }

  test("is cleared away while the export is whole, and kept when it is not", async () => {
    await staging(false)
    await sweepArchive(options())
    expect(harness.archived()).toEqual([])
    await staging(false)
    const { path } = harness.saved("pending")
    writeFileSync(path, other)
    await sweepArchive(options())
    expect(harness.archived().filter((name) => name.endsWith(".box"))).toHaveLength(1)
    expect(harness.warnings.join()).toContain("left an archive whose export is no longer")
  })

  test("a living run's work is left alone", async () => {
    const folder = await staging(true)
    await sweepArchive(options())
    expect(existsSync(`${folder}/manifest.json`)).toBe(true)
  })

  test("the rest of an export is removed only when its archive can be decoded", async () => {
    const { path, name } = harness.saved("pending")
    const kept = ["manifest.json", "jsonl"].map((ending) => readFileSync(path.replace(/jsonl$/, ending)))
    await harness.archiveIt("archive-move")
    writeFileSync(`${harness.pending}/${name}.manifest.json`, kept[0] ?? "")
    writeFileSync(`${harness.archive}/${name}.jsonl`, other)
    await sweepArchive(options())
    expect(harness.names()).toEqual([`${name}.manifest.json`])
    rmSync(`${harness.archive}/${name}.jsonl`)
    writeFileSync(`${harness.archive}/${name}.jsonl`, kept[1] ?? "")
    await sweepArchive(options())
    expect(harness.names()).toEqual([])
  })
  test.each(["the manifest", "a file", "a link to its folder"])(
    "%s that stands there since is somebody's, and stays",
    async (what) => {
      harness.write("a/tool.txt", "result\n")
      await harness.save(harness.plan("a/tool.txt"))
      const { name } = await harness.archiveIt("archive-move")
      const archived = (ending: string) => `${harness.archive}/${name}.${ending}`
      const rest = (ending: string) => `${harness.pending}/${name}.${ending}`
      const elsewhere = `${harness.root}/elsewhere`
      cpSync(archived("files"), elsewhere, { recursive: true })
      if (what === "a link to its folder") symlinkSync(elsewhere, rest("files"))
      else cpSync(elsewhere, rest("files"), { recursive: true })
      if (what === "a file") writeFileSync(rest("files/a/tool.txt"), "RESULT\n")
      if (what === "the manifest") writeFileSync(rest("manifest.json"), "{}")
      await sweepArchive(options())
      expect(harness.names().filter((each) => each.startsWith(name)).length).toBeGreaterThan(0)
      expect(existsSync(`${elsewhere}/a/tool.txt`)).toBe(true)
      expect(existsSync(rest("files/a/tool.txt"))).toBe(true)
      expect(harness.warnings.join()).toContain("nothing of it was removed")
    },
  )
})
