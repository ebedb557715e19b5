/** Row 7. Broken: a disk (FUSE) that lies once, under the exports or under the session. Held: as in row 2. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Lie, lying } from "../fuse/lying-fs.ts"
import { injected } from "../harness/counters.ts"
import { type Mount, mount } from "../harness/mounts.ts"
import { FaultTarget, wrongAfter, wrongAgain } from "../harness/target.ts"
import { able } from "../tools.ts"

const needs = ["mounts", "mount", "umount", "gcc", "pkg-config", "/usr/include/fuse3/fuse.h", "fusermount3"]
const ready = able("7", ...needs)
const most = 40

/** The real folder, and the one where the session and its exports are seen: honestly, or with a lie. */
let real: string
let view: Mount | undefined
let machine: FaultTarget
/** Copied past the kernel's memory, which a FUSE disk allows. */
let bulky: FaultTarget
beforeAll(() => {
  if (!ready) return
  real = mkdtempSync(join(tmpdir(), "behind-"))
  view = mount(["mount", "--bind", real])
  machine = new FaultTarget({ home: join(view.folder, "claude"), data: join(view.folder, "data") })
  bulky = new FaultTarget({
    home: join(view.folder, "bulky-claude"),
    data: join(view.folder, "bulky-data"),
    bytes: 17e6,
  })
})
afterAll(async () => {
  if (view === undefined) return
  await Promise.all([machine.dispose(), bulky.dispose()])
  view.dispose()
  rmSync(real, { recursive: true, force: true })
})

/** One export through the lying disk, then a look at what the disk really holds, and an export without the lie. */
async function broken(lie: Lie, faultTarget = machine): Promise<{ wrong: string[]; hit: boolean }> {
  faultTarget.fresh()
  const disk = lying(real, view?.folder ?? "", lie)
  try {
    const answer = await faultTarget.export()
    const hit = disk.hits() > 0
    disk.down()
    const wrong = wrongAfter(faultTarget, answer)
    if (hit) {
      wrong.push(...(await wrongAgain(faultTarget)))
      injected("7", 1, wrong.length > 0 ? 1 : 0)
    } else if (answer.code !== 0) wrong.push("it fails without a fault")
    return { wrong: wrong.map((what) => `${lie.part} ${lie.operation} #${lie.nth} ${lie.lie}: ${what}`), hit }
  } finally {
    disk.dispose()
  }
}

/** At every operation of that kind, until there are no more. */
async function everywhere(lie: Omit<Lie, "nth">) {
  const wrong: string[] = []
  for (let nth = 1; nth <= most; nth++) {
    const result = await broken({ ...lie, nth })
    if (!result.hit) return { wrong: [...wrong, ...result.wrong], faults: nth - 1 }
    wrong.push(...result.wrong)
  }
  throw new Error(`more than ${most} operations`)
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
  ["fsync", "eio"],
  ["flush", "eio"],
] as const)("the disk of the exports: %s: %s", async (operation, lie) => {
  const { wrong, faults } = await everywhere({ operation, lie, part: "/data/" })
  expect(wrong).toEqual([])
  expect(faults).toBeGreaterThan(3)
})

test.if(ready).each(["short", "flip", "drop", "eio"] as const)(
  "the disk of the session: read: %s",
  async (lie) => {
    const { wrong, faults } = await everywhere({ operation: "read", lie, part: "/claude/" })
    expect(wrong).toEqual([])
    expect(faults).toBeGreaterThan(3)
  },
)

test.if(ready)(
  "the disk of the exports, with the kernel's cache in between: writes flip and drop",
  async () => {
    for (const lie of ["flip", "drop"] as const) {
      const { wrong, faults } = await everywhere({ operation: "write", lie, part: "/data/", cached: true })
      expect(wrong).toEqual([])
      expect(faults).toBeGreaterThan(3)
    }
  },
)

test.if(ready).each(["write", "read"] as const)(
  "the disk of a large session's exports: %s",
  async (operation) => {
    const wrong: string[] = []
    for (const lie of ["short", "flip", "drop", "eio"] as const) {
      for (const nth of [1, 9, 16]) {
        const result = await broken({ operation, lie, nth, part: "/bulky-data/" }, bulky)
        expect([lie, nth, result.hit]).toEqual([lie, nth, true])
        wrong.push(...result.wrong)
      }
    }
    expect(wrong).toEqual([])
  },
)
