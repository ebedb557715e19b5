import { afterEach, beforeEach, expect, test } from "bun:test"
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openGroupFlush, reportsWriteErrors } from "../../../src/system/fs/group-flush.ts"

let folder = ""
let open: number[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "group-"))
})
afterEach(() => {
  for (const fd of open) closeSync(fd)
  open = []
  rmSync(folder, { recursive: true, force: true })
})

function files(count: number): number[] {
  const made = Array.from({ length: count }, (_, number) => openSync(join(folder, `${number}`), "wx"))
  for (const fd of made) writeSync(fd, "text")
  open.push(...made)
  return made
}

/** Opens, but cannot be flushed: fsync answers EINVAL. */
function unflushable(): number {
  const fd = openSync("/dev/null", "r+")
  open.push(fd)
  return fd
}

async function flush(fds: readonly number[], folders: readonly string[] = []) {
  const group = await openGroupFlush(folder)
  try {
    return await group.flush(fds, folders)
  } finally {
    group.close()
  }
}

test.each([1, 20])("%d files and their folder are flushed", async (count) => {
  const { failed, folders } = await flush(files(count), [folder])
  expect([failed.size, folders]).toEqual([0, true])
})

test.each([1, 20])(
  "a file that fails beside %d others fails alone, also on another filesystem",
  async (count) => {
    const bad = unflushable()
    const { failed } = await flush([...files(count), bad])
    expect([...failed.keys()]).toEqual([bad])
  },
)

test("a folder that cannot be flushed is reported", async () => {
  const { failed, folders } = await flush(files(1), [folder, join(folder, "missing")])
  expect([failed.size, folders]).toEqual([0, false])
})

test.each([
  ["5.7.19-arch1", false],
  ["4.19.0-27-amd64", false],
  ["5.8.0", true],
  ["5.15.167.4-microsoft-standard-WSL2", true],
  ["6.18.44", true],
  ["unknown", false],
])("kernel %s: syncfs reports failed writes: %p", (kernel, reports) => {
  expect(reportsWriteErrors(kernel)).toBe(reports)
})
