/** The folder that exports are put into: a real one, ours, and nobody else's to write in. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { chmodSync, mkdirSync, readdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { SaveHarness } from "./save-harness.ts"

let harness: SaveHarness
let elsewhere: string
beforeEach(() => {
  harness = new SaveHarness()
  elsewhere = join(harness.root, "elsewhere")
  mkdirSync(elsewhere, { mode: 0o700 })
})
afterEach(() => harness.dispose())

const failing = () =>
  harness.save().then(
    ({ status }) => status,
    ({ code, message }) => [code, message],
  )

test("a link in its place is not followed", async () => {
  mkdirSync(join(harness.root, "data"))
  symlinkSync(elsewhere, harness.pending)
  expect(await failing()).toEqual(["UNSAFE_FOLDER", expect.stringContaining("a link there is not followed")])
  expect(readdirSync(elsewhere)).toEqual([])
})

test("the data folder around it may be a link to another disk", async () => {
  symlinkSync(elsewhere, join(harness.root, "data"))
  expect(await failing()).toBe("verified")
})

test("one that everybody may write in is refused: a stranger could swap what lies there", async () => {
  mkdirSync(harness.pending, { recursive: true })
  chmodSync(harness.pending, 0o777)
  expect(await failing()).toEqual(["UNSAFE_FOLDER", expect.stringContaining("by everybody")])
  expect(readdirSync(harness.pending)).toEqual([])
})
