import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { silent, uninterruptible } from "../../../src/domain/progress.ts"
import { FlushBatch } from "../../../src/rescue/export/flush-batch.ts"
import type { GroupFlush } from "../../../src/system/fs/group-flush.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "batch-"))
  writeFileSync(join(folder, "source"), "text")
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
const owner = {}
const openFiles = () => readdirSync("/dev/fd").length

/** A disk that fails to flush the n-th files, and folders or not. */
function disk(bad: readonly number[], folders = true): GroupFlush {
  return {
    async flush(files) {
      const eio = Object.assign(new Error("EIO"), { code: "EIO" })
      return { failed: new Map(bad.map((index) => [files[index] ?? -1, eio])), folders }
    },
    close() {},
  }
}

const source = () => ({ path: at("source"), store: null })
const batchOn = (flush: GroupFlush, progress = uninterruptible) =>
  new FlushBatch(flush, false, progress, async () => {})

test("a copy or manifest counts only once it was flushed", async () => {
  const batch = batchOn(disk([]))
  const copy = await batch.copy(owner, source(), at("copy"))
  const text = batch.text(owner, at("manifest"), Buffer.from("{}"))
  expect(() => copy.verified()).toThrow("was not flushed")
  expect(() => text.confirm()).toThrow("was not flushed")
  await batch.settle()
  expect(copy.verified()).toMatchObject({ length: 4 })
  expect(() => text.confirm()).not.toThrow()
})

test("one that could not be flushed fails, the others do not", async () => {
  const batch = batchOn(disk([1, 3]))
  const copies = [await batch.copy(owner, source(), at("1")), await batch.copy(owner, source(), at("2"))]
  const texts = [at("3"), at("4")].map((path) => batch.text(owner, path, Buffer.from("{}")))
  await batch.settle()
  expect(copies[0]?.verified()).toMatchObject({ length: 4 })
  expect(() => copies[1]?.verified()).toThrow(`${at("2")} cannot be written (EIO)`)
  expect(() => texts[0]?.confirm()).not.toThrow()
  expect(() => texts[1]?.confirm()).toThrow(`${at("4")} cannot be written (EIO)`)
})

test("a manifest that does not hold what was written is noticed", async () => {
  const batch = batchOn(disk([]))
  const text = batch.text(owner, at("manifest"), Buffer.from("{}"))
  writeFileSync(at("manifest"), "[]")
  await batch.settle()
  expect(() => text.confirm()).toThrow("does not contain what was written to it")
})

test("whose folders could not be flushed is known", async () => {
  const batch = batchOn(disk([], false))
  const other = {}
  await batch.copy(owner, source(), at("copy"))
  await batch.copy(other, source(), at("other"))
  batch.folders(owner, [folder])
  await batch.settle()
  expect([batch.isConfirmed(owner), batch.isConfirmed(other)]).toEqual([false, true])
})

test("nothing stays open: not of what was settled, dropped, or interrupted", async () => {
  const before = openFiles()
  const controller = new AbortController()
  const batch = batchOn(disk([0]), silent(controller.signal))
  await batch.copy(owner, source(), at("1"))
  batch.text(owner, at("2"), Buffer.from("{}"))
  await batch.settle()
  expect(openFiles()).toBe(before)
  await batch.copy(owner, source(), at("3"))
  batch.drop(owner)
  expect(openFiles()).toBe(before)
  await batch.copy(owner, source(), at("4"))
  controller.abort()
  await expect(batch.settle()).rejects.toMatchObject({ code: "INTERRUPTED" })
  batch.drop(owner)
  expect(openFiles()).toBe(before)
})
