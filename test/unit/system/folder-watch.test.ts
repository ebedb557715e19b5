/** A watch that goes on across what happens to a folder. */
import { afterEach, beforeEach, test } from "bun:test"
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FolderWatch } from "../../../src/system/fs/folder-watch.ts"
import { until } from "../../fixtures/until.ts"

let root: string
let changes: number
let watch: FolderWatch
const folder = () => join(root, "sessions")
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "folder-watch-"))
  changes = 0
  watch = new FolderWatch(() => changes++)
})
afterEach(() => {
  watch.close()
  rmSync(root, { recursive: true })
})

/** Writes a file, and waits until that was told. */
async function tellsOf(name: string): Promise<void> {
  const before = changes
  writeFileSync(join(folder(), name), "{}")
  await until(`a change for ${name}`, () => changes > before)
}

test("a file that is written in the folder is told", async () => {
  mkdirSync(folder())
  watch.watch([folder()])
  await tellsOf("1.json")
})

test("a folder that is missing at first is watched once it is there", async () => {
  watch.watch([folder()])
  mkdirSync(folder())
  watch.watch([folder()])
  await tellsOf("1.json")
})

test("a folder that was moved away and made again is watched again", async () => {
  mkdirSync(folder())
  watch.watch([folder()])
  await tellsOf("1.json")
  const before = changes
  renameSync(folder(), `${folder()}.old`)
  await until("the move to be told", () => changes > before)
  mkdirSync(folder())
  watch.watch([folder()])
  await tellsOf("2.json")
})
