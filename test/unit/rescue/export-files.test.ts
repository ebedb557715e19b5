import { afterEach, beforeEach, expect, test } from "bun:test"
import { readFileSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { readRaw } from "../../../src/rescue/catalog/export-files.ts"
import { readSavedExports } from "../../../src/rescue/catalog/saved-exports.ts"
import { SaveHarness } from "./save-harness.ts"

let harness: SaveHarness
beforeEach(() => {
  harness = new SaveHarness()
})
afterEach(() => harness.dispose())

/** The bytes that an export's transcript gives, when its manifest says it lies at `path`. */
async function read(path?: string, from?: number): Promise<string> {
  const [saved] = readSavedExports(harness.pending, "/nowhere").of(harness.id)
  const [file] = saved?.manifest.files ?? []
  if (saved === undefined || file === undefined) throw new Error("no export")
  const parts: Uint8Array[] = []
  for await (const part of readRaw(saved, path === undefined ? file : { ...file, path }, from))
    parts.push(part.slice())
  return Buffer.concat(parts).toString()
}

test("an export is read back byte for byte, from anywhere in it", async () => {
  const { path } = await harness.save()
  expect(await read()).toBe(readFileSync(path ?? "", "utf8"))
  expect(await read(undefined, 4)).toBe("two\nthree\n")
  expect(await read(undefined, 400)).toBe("")
})

test("a manifest that names a file elsewhere has nothing read by it", async () => {
  await harness.save()
  harness.write("../data/secret", "a key")
  for (const path of ["../secret", "/etc/passwd", "x.jsonl", "../pending/x.jsonl"])
    expect(await read(path).catch(({ code }) => code)).toBe("DAMAGED")
})

test("nor is a link followed that stands where the file was", async () => {
  const { path } = await harness.save()
  rmSync(path ?? "")
  symlinkSync(join(harness.home, `${harness.id}.jsonl`), path ?? "")
  expect(await read().catch(({ code }) => code)).toBe("DAMAGED")
})
