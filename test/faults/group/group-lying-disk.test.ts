/** Groups, row 7. Broken: a disk (FUSE) that lies once about a file of a group. Held: as in row 2; each file is flushed. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Lie, lying } from "../fuse/lying-fs.ts"
import { injected } from "../harness/counters.ts"
import { type Mount, mount } from "../harness/mounts.ts"
import { documentOf } from "../harness/target.ts"
import { able } from "../tools.ts"
import { exporting, GroupTarget, wrongNext, wrongOfGroup } from "./group-target.ts"

const row = "groups, lying disk"
const needs = ["mounts", "mount", "umount", "gcc", "pkg-config", "/usr/include/fuse3/fuse.h", "fusermount3"]
const ready = able(row, ...needs)

let real: string
let view: Mount | undefined
let machine: GroupTarget
beforeAll(() => {
  if (!ready) return
  real = mkdtempSync(join(tmpdir(), "behind-"))
  view = mount(["mount", "--bind", real])
  machine = new GroupTarget({ home: join(view.folder, "claude"), data: join(view.folder, "data") })
})
afterAll(async () => {
  if (view === undefined) return
  await machine.dispose()
  view.dispose()
  rmSync(real, { recursive: true, force: true })
})

/** An export of the group through the lying disk, a look at what the disk holds, and an export without the lie. */
async function broken(lie: Lie): Promise<{ wrong: string[]; verified: number }> {
  machine.fresh()
  const disk = lying(real, view?.folder ?? "", lie)
  try {
    const answer = await machine.run(exporting)
    const missed = disk.hits() === 0 ? ["the fault missed"] : []
    disk.down()
    const wrong = [...wrongOfGroup(machine, answer), ...missed, ...(await wrongNext(machine))]
    injected(row, 1, wrong.length > 0 ? 1 : 0)
    const exports: { status: string }[] = documentOf(answer)?.exports ?? []
    const verified = exports.filter(({ status }) => status === "verified").length
    return { wrong: wrong.map((what) => `${lie.operation} #${lie.nth} ${lie.lie}: ${what}`), verified }
  } finally {
    disk.dispose()
  }
}

test.if(ready).each([
  ["write", "short"],
  ["write", "flip"],
  ["write", "drop"],
  ["write", "eio"],
  ["read", "short"],
  ["read", "flip"],
  ["read", "drop"],
  ["read", "eio"],
  ["flush", "eio"],
] as const)("%s: %s", async (operation, lie) => {
  for (const part of ["/data/", ...(operation === "read" ? ["/claude/"] : [])])
    for (const nth of [1, 4, 8, 11]) expect((await broken({ operation, lie, nth, part })).wrong).toEqual([])
})

test.if(ready)(
  "a disk that is not told of a flush of the whole file system is told of each file",
  async () => {
    for (let nth = 1; nth <= 11; nth++) {
      const { wrong, verified } = await broken({ operation: "fsync", lie: "eio", nth, part: "/data/" })
      expect([nth, wrong, verified]).toEqual([nth, [], 4])
    }
  },
)
