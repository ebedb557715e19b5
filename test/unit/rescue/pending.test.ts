/** The folder that exports are put into: a real one, ours, and nobody else's to write in. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { chmodSync, mkdirSync, readdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Desk } from "./save-harness.ts"

let desk: Desk
let elsewhere: string
beforeEach(() => {
  desk = new Desk()
  elsewhere = join(desk.root, "elsewhere")
  mkdirSync(elsewhere, { mode: 0o700 })
})
afterEach(() => desk.dispose())

const failing = () =>
  desk.save().then(
    ({ status }) => status,
    ({ code, message }) => [code, message],
  )

test("a link in its place is not followed", async () => {
  mkdirSync(join(desk.root, "data"))
  symlinkSync(elsewhere, desk.pending)
  expect(await failing()).toEqual(["UNSAFE_FOLDER", expect.stringContaining("a link there is not followed")])
  expect(readdirSync(elsewhere)).toEqual([])
})

test("the data folder around it may be a link to another disk", async () => {
  symlinkSync(elsewhere, join(desk.root, "data"))
  expect(await failing()).toBe("verified")
})

test("one that everybody may write in is refused: a stranger could swap what lies there", async () => {
  mkdirSync(desk.pending, { recursive: true })
  chmodSync(desk.pending, 0o777)
  expect(await failing()).toEqual(["UNSAFE_FOLDER", expect.stringContaining("by everybody")])
  expect(readdirSync(desk.pending)).toEqual([])
})
