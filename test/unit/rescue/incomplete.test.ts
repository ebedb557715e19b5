/** A file that cannot be read stops nothing else, and the export says what it lacks. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import type { ExportResult } from "../../../src/domain/export/export.ts"
import { type Manifest, missingIn, parseManifest } from "../../../src/domain/export/manifest.ts"
import { issueReceipt } from "../../../src/rescue/receipt.ts"
import { pid } from "../../fixtures/session.ts"
import { SaveHarness } from "./save-harness.ts"

let harness: SaveHarness
let closed: string
beforeEach(() => {
  harness = new SaveHarness()
  harness.write("sub/good", "good")
  closed = harness.write("sub/closed", "")
  close()
})
afterEach(() => harness.dispose())

/** A link is not opened: for this test's own user nothing else is closed. */
function close(): void {
  rmSync(closed)
  symlinkSync("/etc/hostname", closed)
}
function open(text = "open now"): void {
  rmSync(closed)
  harness.write("sub/closed", text)
}
const plan = () => harness.plan("sub/good", "sub/closed")
const manifestOf = (result: ExportResult): Manifest => {
  const manifest = parseManifest(readFileSync(result.manifest ?? "", "utf8"))
  if (manifest === null) throw new Error("no manifest")
  return manifest
}
const exports = () => harness.names().filter((name) => name.endsWith(".jsonl")).length

test.each(["x/../../outside", "/etc", "a\0b", ""])(
  "a manifest whose agent is %j is not one: the name becomes a part of a path",
  async (agent) => {
    const manifest = manifestOf(await harness.save(plan()))
    const { session } = manifest
    expect(parseManifest(JSON.stringify(manifest))).not.toBeNull()
    expect(parseManifest(JSON.stringify({ ...manifest, session: { ...session, agent } }))).toBeNull()
  },
)

test("the rest is published, verified, and both the result and the manifest name what is missing", async () => {
  const result = await harness.save(plan())
  const why = "it is a link, and links inside a session are not followed"
  expect(result).toMatchObject({ status: "incomplete", files: 2, missing: [{ path: closed, why }] })
  expect(missingIn(manifestOf(result))).toEqual([
    { source: closed, relative: "sub/closed", why, unread: true },
  ])
  expect(manifestOf(result).files.map(({ relative }) => relative)).toEqual([
    `${harness.id}.jsonl`,
    "sub/good",
  ])
})

test("a folder that could not be listed is missing too", async () => {
  const unread = [{ source: `${harness.home}/shut`, relative: "shut", why: "it may not be read" }]
  const result = await harness.save({ ...harness.plan("sub/good"), unread })
  const missing = [{ path: `${harness.home}/shut`, why: "it may not be read" }]
  expect(result).toMatchObject({ status: "incomplete", files: 2, missing })
  expect(await harness.save({ ...harness.plan("sub/good"), unread })).toMatchObject({
    path: result.path,
    status: "incomplete",
  })
  const now = await harness.save(harness.plan("sub/good"))
  expect([now.status, now.missing, now.path === result.path]).toEqual(["verified", undefined, false])
})

test("while nothing changes the earlier one is named again, as incomplete as it is", async () => {
  const first = await harness.save(plan())
  const again = await harness.save(plan())
  expect([again.status, again.path, again.missing]).toEqual(["incomplete", first.path, first.missing])
  expect(exports()).toBe(1)
})

test("what can be read by now is saved, and then nothing is missing", async () => {
  await harness.save(plan())
  open()
  const result = await harness.save(plan())
  expect([result.status, result.missing, result.files]).toEqual(["verified", undefined, 3])
  expect((await harness.save(plan())).status).toBe("unchanged")
})

test("what could be read once and cannot now is not unchanged", async () => {
  open()
  const whole = await harness.save(plan())
  close()
  const result = await harness.save(plan())
  expect([result.status, result.path === whole.path]).toEqual(["incomplete", false])
})

test("a change in what can be read is saved, though something is missing", async () => {
  const first = await harness.save(plan())
  appendFileSync(harness.transcript, "four\n")
  const second = await harness.save(plan())
  expect([second.status, second.path === first.path]).toEqual(["incomplete", false])
})

test("where nothing can be read nothing is published", async () => {
  const only = { ...harness.plan("sub/closed"), transcript: null }
  expect(await harness.save(only).catch(({ code }) => code)).toBe("SOURCE_IS_LINK")
  expect(exports()).toBe(0)
})

test("a transcript that is a link is refused, whatever else there is", async () => {
  const linked = { ...harness.plan("sub/good"), transcript: closed }
  expect(await harness.save(linked).catch(({ code }) => code)).toBe("SOURCE_IS_LINK")
})

test("it opens nothing: no receipt comes of it", async () => {
  const holder = { pid: pid(4711), startMark: "1" }
  const result = await harness.save(plan())
  const covered = [harness.transcript, `${harness.home}/sub/good`]
  expect(issueReceipt(holder, [result], covered)).toBeNull()
  open()
  expect(issueReceipt(holder, [await harness.save(plan())], covered)).not.toBeNull()
})
