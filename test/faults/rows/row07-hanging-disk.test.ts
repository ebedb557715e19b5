/** Row 7. Broken: a disk (FUSE) that does not answer for a while. Held: it is waited for, or left with nothing published. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { committed, leftovers } from "../../export/export-invariants.ts"
import { binary } from "../../fixtures/machine.ts"
import { until } from "../../fixtures/until.ts"
import { type Lie, lying } from "../fuse/lying-fs.ts"
import { injected } from "../harness/counters.ts"
import { type Mount, mount } from "../harness/mounts.ts"
import { FaultTarget, id, wrongAfter, wrongAgain } from "../harness/target.ts"
import { able } from "../tools.ts"

const row = "7 (hang)"
const needs = ["mounts", "mount", "umount", "gcc", "pkg-config", "/usr/include/fuse3/fuse.h", "fusermount3"]
const ready = able(row, ...needs)

let real: string
let view: Mount | undefined
let machine: FaultTarget
beforeEach(() => {
  if (!ready) return
  real = mkdtempSync(join(tmpdir(), "behind-"))
  view = mount(["mount", "--bind", real])
  machine = new FaultTarget({ home: join(view.folder, "claude"), data: join(view.folder, "data") })
})
afterEach(async () => {
  if (view === undefined) return
  await machine.dispose()
  view.dispose()
  rmSync(real, { recursive: true, force: true })
})

/** An export that gets no answer from the disk, what is done to it meanwhile, and then the answer. */
async function hanging(lie: Omit<Lie, "lie" | "nth">, meanwhile: (pid: number) => void): Promise<number> {
  const disk = lying(real, view?.folder ?? "", { ...lie, lie: "hang", nth: 1 })
  try {
    const run = machine.start([binary, "export", id, "--json"], { env: machine.env })
    await until("the disk to hang", () => disk.hits() > 0)
    meanwhile(run.pid)
    disk.answer()
    return await run.exited
  } finally {
    disk.answer()
    disk.dispose()
  }
}

/** What does not hold on the disk as it really is, and when it is asked again. */
async function wrongNow(code: number): Promise<string[]> {
  const wrong = wrongAfter(machine, { code, stdout: "", stderr: "", json: null })
  wrong.push(...(await wrongAgain(machine)))
  injected(row, 1, wrong.length > 0 ? 1 : 0)
  return wrong
}

const places = [
  ["write", "/data/"],
  ["fsync", "/data/"],
  ["read", "/data/"],
  ["read", "/claude/projects/"],
] as const

test.if(ready).each(places)(
  "%s, %s: once it answers, the export goes on and is whole",
  async (operation, part) => {
    const code = await hanging({ operation, part }, () => {})
    expect([code, committed(machine).length, leftovers(machine)]).toEqual([0, 1, []])
    const wrong = wrongAfter(machine, { code: 1, stdout: "", stderr: "", json: null })
    injected(row, 1, wrong.length)
    expect(wrong).toEqual([])
  },
)

test.if(ready).each(places)(
  "%s, %s: Ctrl-C is heard when it answers: 130, nothing published, nothing left",
  async (operation, part) => {
    const code = await hanging({ operation, part }, (pid) => process.kill(pid, "SIGINT"))
    expect([code, committed(machine), leftovers(machine)]).toEqual([130, [], []])
    expect(await wrongNow(code)).toEqual([])
  },
)

test.if(ready).each(places)(
  "%s, %s: killed while it hangs, nothing is published, and the next export tidies up",
  async (operation, part) => {
    const code = await hanging({ operation, part }, (pid) => process.kill(pid, "SIGKILL"))
    expect([code, committed(machine)]).toEqual([137, []])
    expect(await wrongNow(code)).toEqual([])
  },
)
