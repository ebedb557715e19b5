import { ptr } from "bun:ffi"
import { expect, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { allocateHugePages } from "../../../../src/system/native/huge-pages.ts"

const mega = 1 << 20

test("is as much memory as was asked for, all zeroes, that threads may share", async () => {
  const memory = await allocateHugePages(3 * mega)
  expect(memory).toHaveLength(3 * mega)
  expect(memory.every((byte) => byte === 0)).toBe(true)
  expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer)
  memory.fill(1)
  expect((await allocateHugePages(3 * mega)).every((byte) => byte === 0)).toBe(true)
})

/** "hg": large pages are wanted there. Whether the kernel has some left is its own affair. */
function flagsAt(address: number): readonly string[] {
  let inside = false
  for (const line of readFileSync("/proc/self/smaps", "utf8").split("\n")) {
    const [, from, end] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line) ?? []
    if (from !== undefined && end !== undefined)
      inside = address >= Number.parseInt(from, 16) && address < Number.parseInt(end, 16)
    else if (inside && line.startsWith("VmFlags:")) return line.split(/\s+/)
  }
  return []
}

test.if(existsSync("/sys/kernel/mm/transparent_hugepage"))(
  "begins on a large page's border, and large pages are asked for",
  async () => {
    const memory = await allocateHugePages(4 * mega)
    const address = Number(ptr(memory))
    expect(address % (2 * mega)).toBe(0)
    expect(flagsAt(address)).toContain("hg")
    expect(flagsAt(address + memory.length - 1)).toContain("hg")
  },
)
