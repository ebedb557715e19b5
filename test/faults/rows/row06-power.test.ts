/** Row 6. Broken: the power, before each step that changes the disk. Held: what was called verified is still there. */
import { describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { flushIntervalBytes } from "../../../src/rescue/io/chunk-sizes.ts"
import { committed } from "../../export/export-invariants.ts"
import { injected } from "../harness/counters.ts"
import { type Call, type Fault, traced } from "../harness/inject.ts"
import { type Mount, onLoop, sh } from "../harness/mounts.ts"
import { documentOf, type FaultTarget, faultTarget, id, wrongAfter, wrongAgain } from "../harness/target.ts"
import { able } from "../tools.ts"

const changing = ["mkdir", "pwrite64", "fsync", "fchmod", "link", "rename", "unlinkat"]

/** Of a large copy, which two threads write and flush; then what comes after it. */
const amidLarge = [
  ...[1, 3, 7, 10, 14].map((when) => ["pwrite64", when] as const),
  ...[1, 2, 3].map((when) => ["fsync", when] as const),
  ...(["fdatasync", "link", "rename"] as const).map((call) => [call, 1] as const),
]

/** Nothing more reaches the disk, as if the plug were pulled; then the journal is read, and the disk is back. */
function powerCut(disk: Mount): void {
  sh("xfs_io", "-x", "-c", "shutdown", disk.folder)
  disk.down()
  disk.up()
}

async function cutAt(disk: Mount, machine: FaultTarget, faults: readonly Fault[]) {
  machine.fresh()
  sh("sync", "-f", disk.folder)
  const names = faults.map(({ call }) => call)
  const { answer, hit, calls } = await traced(machine, ["export", id, "--json"], [...names, "mkdir"], faults)
  const before = documentOf(answer)?.exports?.[0]?.status ?? null
  powerCut(disk)
  return { answer, hit, calls, before, wrong: wrongAfter(machine, answer) }
}

describe.each([
  ["xfs", "mkfs.xfs"],
  ["ext4", "mkfs.ext4"],
] as const)("on %s", (kind, tool) => {
  const ready = able(`6 (${kind})`, "mounts", "mount", "umount", tool, "xfs_io", "strace")
  const withDisk = async (act: (disk: Mount, machine: FaultTarget) => Promise<void>, bytes?: number) => {
    const disk = onLoop(kind)
    const machine = faultTarget({ data: `${disk.folder}/data`, ...(bytes === undefined ? {} : { bytes }) })
    try {
      await act(disk, machine)
    } finally {
      await machine.dispose()
      disk.dispose()
    }
  }

  const cutOnce = async (disk: Mount, machine: FaultTarget, call: string, when: number) => {
    const cut = await cutAt(disk, machine, [{ call, when, effect: "signal=SIGKILL" }])
    const found = [...cut.wrong, ...(await wrongAgain(machine))]
    if (!cut.hit) found.push("the fault missed")
    injected(`6 (${kind})`, 1, found.length > 0 ? 1 : 0)
    return found.map((what) => `${call} #${when}: ${what}`)
  }

  test.if(ready)("power lost before each step leaves an export whole or absent", () =>
    withDisk(async (disk, machine) => {
      const dry = await traced(machine, ["export", id, "--json"], changing)
      const steps: readonly Call[] = dry.calls.filter(({ line }) => line.includes(disk.folder))
      expect(steps.length).toBeGreaterThan(30)
      const wrong: string[] = []
      for (const { name, when } of steps) wrong.push(...(await cutOnce(disk, machine, name, when)))
      expect(wrong).toEqual([])
    }),
  )

  test.if(ready)("power lost while a large copy is written in parts leaves nothing over either", () =>
    withDisk(async (disk, machine) => {
      const wrong: string[] = []
      for (const [call, when] of amidLarge) wrong.push(...(await cutOnce(disk, machine, call, when)))
      expect(wrong).toEqual([])
    }, 2.5 * flushIntervalBytes),
  )

  test.if(ready)("what was called verified is there after the power is lost", () =>
    withDisk(async (disk, machine) => {
      for (let round = 0; round < 3; round++) {
        const cut = await cutAt(disk, machine, [])
        injected(`6 (${kind})`, 1, cut.wrong.length > 0 ? 1 : 0)
        expect([cut.before, cut.wrong, committed(machine).length]).toEqual(["verified", [], 1])
      }
    }),
  )

  test.if(ready)("this would show it: the same export without a flush does not survive", () =>
    withDisk(async (disk, machine) => {
      const cut = await cutAt(disk, machine, [{ call: "fsync", when: "1+", effect: "retval=0" }])
      expect([cut.before, cut.hit]).toEqual(["verified", true])
      const path = documentOf(cut.answer).exports[0].path
      const kept = (await Bun.file(path).exists()) ? readFileSync(path) : null
      expect(kept?.equals(readFileSync(machine.sources[0] ?? "")) ?? false).toBe(false)
    }),
  )
})
