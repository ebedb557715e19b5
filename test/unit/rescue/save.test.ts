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
import { Desk, meddling } from "./save-harness.ts"

let desk: Desk
beforeEach(() => {
  desk = new Desk()
})
afterEach(() => desk.dispose())

test("a session that is written to while it is exported is published as it was", async () => {
  const { path, bytes } = await desk.save(desk.plan(), {
    progress: meddling(() => appendFileSync(desk.transcript, "four\n")),
  })
  expect([desk.read(path), bytes]).toEqual(["one\ntwo\nthree\n", 14])
})

test("a session that is replaced while its earlier export is compared again is saved anew", async () => {
  const first = await desk.save()
  const replace = () => {
    writeFileSync(`${desk.transcript}.new`, "ONE\ntwo\nthree\n")
    renameSync(`${desk.transcript}.new`, desk.transcript)
  }
  const second = await desk.save(desk.plan(), { progress: meddling(replace, 1) })
  expect([second.status, second.path === first.path]).toEqual(["verified", false])
  expect(desk.read(second.path)).toBe("ONE\ntwo\nthree\n")
})

test("a session that never holds still is refused, and nothing is published under its name", async () => {
  desk.write(`${desk.id}.jsonl`, Buffer.alloc(1000, "x"))
  let size = 1000
  const code = await desk
    .save(desk.plan(), { progress: meddling(() => truncateSync(desk.transcript, --size)) })
    .catch((error) => error.code)
  expect([code, readdirSync(desk.pending)]).toEqual(["SOURCE_CHANGED", []])
})

test("a transcript deleted by the client while it was saved is whole, and the person hears of it", async () => {
  const once = meddling(() => unlinkSync(desk.transcript), 1)
  const { path, status } = await desk.save(desk.plan(), { progress: once })
  expect([status, desk.read(path)]).toEqual(["verified", "one\ntwo\nthree\n"])
  expect(desk.warnings).toEqual([expect.stringContaining("deleted while it was being saved")])
})

test("other files that are gone when it is their turn are listed as left out", async () => {
  desk.write("sub/a", "a")
  const { manifest, files } = await desk.save(desk.plan("sub/a", "sub/gone"))
  const { skipped } = JSON.parse(desk.read(manifest))
  expect([files, skipped]).toMatchObject([2, [{ relative: "sub/gone" }]])
})

test("a modification time that no calendar has does not stop an export", async () => {
  utimesSync(desk.transcript, 1, 9e12)
  expect((await desk.save()).status).toBe("verified")
})

test("a folder that stands in the way is a clear error", async () => {
  mkdirSync(join(desk.root, "data"), { recursive: true })
  desk.write("../data/pending", "a file")
  expect(await desk.save().catch((error) => error.code)).toBe("UNSAFE_FOLDER")
})
