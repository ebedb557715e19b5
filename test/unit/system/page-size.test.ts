/** Memory is counted in pages, and a page is not 4096 bytes everywhere. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { linuxProcesses } from "../../../src/system/process/linux.ts"

let proc: string
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), "proc-"))
  mkdirSync(join(proc, "self"))
  mkdirSync(join(proc, "4711"))
  const fields = Array.from({ length: 50 }, (_, index) => (index === 21 ? 100 : 7)).join(" ")
  writeFileSync(join(proc, "4711/status"), "Uid:\t7\t7\t7\t7\n")
  writeFileSync(join(proc, "4711/stat"), `4711 (claude) S${fields.slice(1)}`)
})
afterEach(() => rmSync(proc, { recursive: true }))

/** What the kernel hands to a program: pairs of a key and a value. */
function handed(...pairs: readonly (readonly [bigint, bigint])[]): Buffer {
  return Buffer.from(BigUint64Array.from(pairs.flat()).buffer)
}

async function memory(): Promise<number | null | undefined> {
  return (await linuxProcesses(proc).list())[0]?.memoryBytes
}

test.each([4096, 16_384, 65_536])("of %d bytes", async (size) => {
  writeFileSync(join(proc, "self/auxv"), handed([33n, 6n], [6n, BigInt(size)], [0n, 0n]))
  expect(await memory()).toBe(100 * size)
})

test("of a size that nothing tells: unknown, not guessed", async () => {
  expect(await memory()).toBeNull()
  writeFileSync(join(proc, "self/auxv"), handed([33n, 6n], [0n, 0n]))
  expect(await memory()).toBeNull()
})
