import { afterEach, beforeEach, expect, test } from "bun:test"
import { readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { listNames, NameIndex } from "../../../src/rescue/catalog/name-index.ts"
import { readSavedExports } from "../../../src/rescue/catalog/saved-exports.ts"
import { SaveHarness } from "./save-harness.ts"

const archive = "/nowhere"
let harness: SaveHarness
beforeEach(() => {
  harness = new SaveHarness()
})
afterEach(() => harness.dispose())

test("a listing finds of each session what a fresh look finds", async () => {
  await harness.save(harness.plan())
  const other = "22222222-2222-4222-8222-222222222222"
  for (const name of [`.${other}.0-1-1.00000000.tmp`, `by-hand-${other}-${harness.id}.jsonl`, "notes.txt"]) {
    writeFileSync(join(harness.pending, name), "")
  }
  const listing = new NameIndex(harness.pending, archive)
  for (const id of [harness.id, other]) {
    const fresh = listNames(harness.pending, archive, id)
    expect(listing.of(id).pending.toSorted()).toEqual(fresh.pending.toSorted())
    expect(fresh.pending.length).toBeGreaterThan(1)
  }
  expect(listing.of("33333333-3333-4333-8333-333333333333")).toEqual({ pending: [], archive: [] })
})

test("what the run itself has saved is known to it: the same session is not saved again", async () => {
  const listing = new NameIndex(harness.pending, archive)
  const first = await harness.save(harness.plan(), { listing })
  const again = await harness.save(harness.plan(), { listing })
  expect([first.status, again.status, again.path]).toEqual(["verified", "unchanged", first.path])
  const known = readSavedExports(harness.pending, archive, listing.of(harness.id)).of(harness.id)
  expect(known.map(({ path }) => path)).toEqual([first.path ?? ""])
})

test("an export that has gone since the listing is not taken for one", async () => {
  const first = await harness.save(harness.plan())
  const listing = new NameIndex(harness.pending, archive)
  rmSync(first.path ?? "")
  const again = await harness.save(harness.plan(), { listing })
  expect(again.status).toBe("verified")
  expect(readdirSync(harness.pending).filter((name) => name.endsWith(".jsonl"))).toHaveLength(1)
})
