import { Database } from "bun:sqlite"
import { afterEach, beforeEach, expect, test } from "bun:test"
import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FileFactsReader } from "../../../src/index/facts-reader.ts"
import { IndexWriter } from "../../../src/index/index.ts"
import { until } from "../../fixtures/until.ts"

const version = {
  device: 1,
  inode: 2,
  size: 3,
  modifiedAt: 1_700_000_000_000.5,
  changedAt: 1_700_000_000_001.25,
}
const row = { path: "/a", ...version, format: "f", facts: '{"is":"newer"}' }

let folder: string
let path: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "facts-"))
  path = join(folder, "an index % ? #.db")
  const writer = new IndexWriter(path, () => {})
  writer.saveFacts({ ...row, size: 1, facts: "{}" })
  writer.saveFacts(row)
  writer.close()
  await until("a tick of the clock", () => Date.now() - lstatSync(path).ctimeMs > 200)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test("the last facts of a file are read, and nothing appears beside the index", () => {
  const reader = FileFactsReader.open(path)
  expect(reader?.read(["/a", "/b"])).toEqual([row])
  reader?.close()
  expect(readdirSync(folder)).toEqual(["an index % ? #.db"])
})

test("nothing is taken from an index that was written while it was read", () => {
  const reader = FileFactsReader.open(path)
  const writer = new Database(path)
  writer.run("update file_facts set size = 4")
  writer.close()
  expect(reader?.read(["/a"])).toBeNull()
  reader?.close()
})

test("nor from one that is being written", () => {
  const reader = FileFactsReader.open(path)
  const writer = new Database(path)
  writer.run("update file_facts set size = 4")
  expect(reader?.read(["/a"])).toBeNull()
  writer.close()
  reader?.close()
})

test("an index that has just been written is left alone: a write in the same tick would not be noticed", () => {
  const writer = new Database(path)
  writer.run("update file_facts set size = 4")
  writer.close()
  expect(FileFactsReader.open(path)).toBeNull()
})

test("a file that is gone has no facts", async () => {
  const writer = new IndexWriter(path, () => {})
  await writer.update(
    {
      path: "/a",
      place: "live",
      agent: "x",
      session: null,
      document: "",
      export: null,
      file: "1:1",
      size: 0,
      modifiedAt: 1,
      open: async function* () {},
    } as never,
    () => null,
    { signal: new AbortController().signal, advance() {} },
  )
  writer.markMissing("/a")
  expect(writer.factsAt("/a")).toBeNull()
  writer.close()
})
