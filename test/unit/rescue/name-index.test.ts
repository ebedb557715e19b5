import { afterEach, beforeEach, expect, test } from "bun:test"
import { readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { listNames, NameIndex } from "../../../src/rescue/catalog/name-index.ts"
import { readSavedExports } from "../../../src/rescue/catalog/saved-exports.ts"
import { Desk } from "./save-harness.ts"

const archive = "/nowhere"
let desk: Desk
beforeEach(() => {
  desk = new Desk()
})
afterEach(() => desk.dispose())

test("a listing finds of each session what a fresh look finds", async () => {
  await desk.save(desk.plan())
  const other = "22222222-2222-4222-8222-222222222222"
  for (const name of [`.${other}.0-1-1.00000000.tmp`, `by-hand-${other}-${desk.id}.jsonl`, "notes.txt"]) {
    writeFileSync(join(desk.pending, name), "")
  }
  const listing = new NameIndex(desk.pending, archive)
  for (const id of [desk.id, other]) {
    const fresh = listNames(desk.pending, archive, id)
    expect(listing.of(id).pending.toSorted()).toEqual(fresh.pending.toSorted())
    expect(fresh.pending.length).toBeGreaterThan(1)
  }
  expect(listing.of("33333333-3333-4333-8333-333333333333")).toEqual({ pending: [], archive: [] })
})

test("what the run itself has saved is known to it: the same session is not saved again", async () => {
  const listing = new NameIndex(desk.pending, archive)
  const first = await desk.save(desk.plan(), { listing })
  const again = await desk.save(desk.plan(), { listing })
  expect([first.status, again.status, again.path]).toEqual(["verified", "unchanged", first.path])
  const known = readSavedExports(desk.pending, archive, listing.of(desk.id)).of(desk.id)
  expect(known.map(({ path }) => path)).toEqual([first.path ?? ""])
})

test("an export that has gone since the listing is not taken for one", async () => {
  const first = await desk.save(desk.plan())
  const listing = new NameIndex(desk.pending, archive)
  rmSync(first.path ?? "")
  const again = await desk.save(desk.plan(), { listing })
  expect(again.status).toBe("verified")
  expect(readdirSync(desk.pending).filter((name) => name.endsWith(".jsonl"))).toHaveLength(1)
})
