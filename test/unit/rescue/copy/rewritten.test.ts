/** A file that its client writes whole: the copy is all of it, as it was at one moment. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, readFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { SavePlan } from "../../../../src/domain/export/export.ts"
import { copyVerified } from "../../../../src/rescue/copy/copy.ts"
import { SaveGroup } from "../../../../src/rescue/export/save-group.ts"
import { meddling, quiet, SaveHarness } from "../save-harness.ts"

let harness: SaveHarness
let source: string
let target: string
const document = (...messages: number[]) =>
  JSON.stringify({ messages: messages.map((id) => ({ id, text: "x".repeat(200_000) })) })

beforeEach(() => {
  harness = new SaveHarness()
  source = harness.write("session.json", document(1, 2, 3))
  target = join(harness.root, "copy")
})
afterEach(() => harness.dispose())

const codeOf = (error: unknown) => (error as { code?: string }).code
const copy = (progress = quiet) => copyVerified(source, target, false, progress, "rewritten")
const copied = () => readFileSync(target, "utf8")

test("what was written to it while it was read is in the copy, whole: a beginning is no state of it", async () => {
  await copy(meddling(() => writeFileSync(source, document(1, 2, 3, 4)), 1))
  expect(copied()).toBe(document(1, 2, 3, 4))
})

test("rewritten in the middle at the same length, and by a rename: the copy is one of its states", async () => {
  await copy(meddling(() => writeFileSync(source, document(4, 2, 3)), 1))
  expect(copied()).toBe(document(4, 2, 3))
  unlinkSync(target)
  const replace = () => {
    writeFileSync(`${source}.new`, document(5))
    renameSync(`${source}.new`, source)
  }
  await copy(meddling(replace, 1))
  expect(copied()).toBe(document(5))
})

test("one that never holds still is refused, and nothing is left", async () => {
  const always = meddling((time) => writeFileSync(source, document(time)))
  expect(await copy(always).then(() => "no error", codeOf)).toBe("SOURCE_CHANGED")
  expect(existsSync(target)).toBe(false)
})

test("deleted meanwhile, all of it is saved", async () => {
  const { vanished } = await copy(meddling(() => existsSync(source) && unlinkSync(source), 1))
  expect([vanished, copied()]).toEqual([true, document(1, 2, 3)])
})

describe("half written", () => {
  /** A writer that has stopped in the middle, and goes on a little later. */
  function half(): void {
    truncateSync(source, 100_000)
    setTimeout(() => writeFileSync(source, document(1, 2, 3, 4)), 150)
  }

  test("it is read again until it is whole", async () => {
    half()
    await copy()
    expect(copied()).toBe(document(1, 2, 3, 4))
  })

  test("and in a group of sessions as well", async () => {
    half()
    const plan: SavePlan = { ...harness.plan(), transcript: source, transcriptStore: "rewritten" }
    const group = new SaveGroup(harness.options(), () => {})
    const saved = group.save(plan)
    await until(() => group.isWaiting)
    await group.commit()
    group.close()
    const { path, manifest } = await saved
    expect(harness.read(path)).toBe(document(1, 2, 3, 4))
    expect(JSON.parse(harness.read(manifest)).files).toMatchObject([{ store: "rewritten" }])
  })

  test("for good, it is damaged, and saved as it is", async () => {
    truncateSync(source, 100_000)
    const before = readFileSync(source, "utf8")
    await copy()
    expect(copied()).toBe(before)
  })
})

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(1)
}
