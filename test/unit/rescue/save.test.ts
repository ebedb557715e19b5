import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  renameSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { meddling, SaveHarness } from "./save-harness.ts"

let harness: SaveHarness
beforeEach(() => {
  harness = new SaveHarness()
})
afterEach(() => harness.dispose())

test("a session that is written to while it is exported is published as it was", async () => {
  const { path, bytes } = await harness.save(harness.plan(), {
    progress: meddling(() => appendFileSync(harness.transcript, "four\n")),
  })
  expect([harness.read(path), bytes]).toEqual(["one\ntwo\nthree\n", 14])
})

test("a session that is replaced while its earlier export is compared again is saved anew", async () => {
  const first = await harness.save()
  const replace = () => {
    writeFileSync(`${harness.transcript}.new`, "ONE\ntwo\nthree\n")
    renameSync(`${harness.transcript}.new`, harness.transcript)
  }
  const second = await harness.save(harness.plan(), { progress: meddling(replace, 1) })
  expect([second.status, second.path === first.path]).toEqual(["verified", false])
  expect(harness.read(second.path)).toBe("ONE\ntwo\nthree\n")
})

test("a session that never holds still is refused, and nothing is published under its name", async () => {
  harness.write(`${harness.id}.jsonl`, Buffer.alloc(1000, "x"))
  let size = 1000
  const code = await harness
    .save(harness.plan(), { progress: meddling(() => truncateSync(harness.transcript, --size)) })
    .catch((error) => error.code)
  expect([code, readdirSync(harness.pending)]).toEqual(["SOURCE_CHANGED", []])
})

test("a transcript deleted by the client while it was saved is whole, and the person hears of it", async () => {
  const once = meddling(() => unlinkSync(harness.transcript), 1)
  const { path, status } = await harness.save(harness.plan(), { progress: once })
  expect([status, harness.read(path)]).toEqual(["verified", "one\ntwo\nthree\n"])
  expect(harness.warnings).toEqual([expect.stringContaining("deleted while it was being saved")])
})

test("other files that are gone when it is their turn are listed as left out", async () => {
  harness.write("sub/a", "a")
  const { manifest, files } = await harness.save(harness.plan("sub/a", "sub/gone"))
  const { skipped } = JSON.parse(harness.read(manifest))
  expect([files, skipped]).toMatchObject([2, [{ relative: "sub/gone" }]])
})

test("a modification time that no calendar has does not stop an export", async () => {
  utimesSync(harness.transcript, 1, 9e12)
  expect((await harness.save()).status).toBe("verified")
})

test("a folder that stands in the way is a clear error", async () => {
  mkdirSync(join(harness.root, "data"), { recursive: true })
  harness.write("../data/pending", "a file")
  expect(await harness.save().catch((error) => error.code)).toBe("UNSAFE_FOLDER")
})
