import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { FolderFlushes } from "../../../src/rescue/export/folder-flushes.ts"
import { closeSource, openSource } from "../../../src/rescue/io/source-file.ts"
import { issueReceipt, provenFiles } from "../../../src/rescue/receipt.ts"
import { SaveHarness } from "./save-harness.ts"

let harness: SaveHarness
beforeEach(async () => {
  harness = new SaveHarness()
  await settled()
})
afterEach(() => harness.dispose())

async function settled(): Promise<void> {
  const { ctimeMs } = statSync(harness.transcript)
  while (Date.now() - ctimeMs <= 60) await new Promise(setImmediate)
}

test("what was not read is no proof: no receipt can be issued for it", async () => {
  await harness.save()
  const result = await harness.save(harness.plan(), { unchanged: "recorded" })
  expect([result.status, result.recorded === undefined]).toEqual(["unchanged", false])
  expect(provenFiles(result)).toEqual([])
  const holder = { pid: process.pid, startMark: "1" } as unknown as Parameters<typeof issueReceipt>[0]
  expect(issueReceipt(holder, [result], [harness.transcript])).toBeNull()
})

test("a manifest that was changed long after the export proves nothing about the age of its files", async () => {
  await harness.save(harness.plan(), { now: () => new Date(Date.now() - 120_000) })
  expect((await harness.save(harness.plan(), { unchanged: "recorded" })).recorded).toBeUndefined()
})

test("MD5 is of bytes that were read, in this run or in that of the export", async () => {
  const md5 = { unchanged: "recorded", md5: true } as const
  await harness.save()
  expect(await harness.save(harness.plan(), md5)).toMatchObject({
    status: "unchanged",
    md5: expect.any(String),
  })
  harness.write(`${harness.id}.jsonl`, "four\n")
  await settled()
  const first = await harness.save(harness.plan(), { md5: true })
  const again = await harness.save(harness.plan(), md5)
  expect([again.md5, again.recorded === undefined]).toEqual([first.md5, false])
})

test("a change of this moment could be followed by one with the same time", async () => {
  const isSettled = () => {
    const source = openSource(harness.transcript)
    closeSource(source)
    return source.isSettled
  }
  expect(isSettled()).toBe(true)
  writeFileSync(harness.transcript, "now")
  expect(isSettled()).toBe(false)
})

test("a folder is flushed once for all names that are older than that", () => {
  const folder = join(harness.root, "folder")
  mkdirSync(folder)
  const flushes = new FolderFlushes()
  const before = Date.now() - 1000
  expect(flushes.has(folder, before)).toBe(true)
  rmSync(folder, { recursive: true }) // cannot be flushed any more
  expect(flushes.has(folder, before)).toBe(true)
  expect(flushes.has(folder, Date.now() + 1000)).toBe(false)
})
