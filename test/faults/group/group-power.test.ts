/** Groups, row 6. Broken: the power, before each step of a group. Held: each export whole or absent; what was verified. */
import { describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { committed } from "../../export/export-invariants.ts"
import { injected } from "../harness/counters.ts"
import { type Fault, traced } from "../harness/inject.ts"
import { type Mount, onLoop, sh } from "../harness/mounts.ts"
import { some } from "../harness/sample.ts"
import { documentOf } from "../harness/target.ts"
import { able } from "../tools.ts"
import { exporting, GroupTarget, wrongNext, wrongOfGroup } from "./group-target.ts"

const changing = ["mkdir", "pwrite64", "fsync", "syncfs", "link", "rename", "unlinkat"]

describe.each([
  ["xfs", "mkfs.xfs"],
  ["ext4", "mkfs.ext4"],
] as const)("on %s", (kind, tool) => {
  const row = `groups, power (${kind})`
  const ready = able(row, "mounts", "mount", "umount", tool, "xfs_io", "strace")
  const withDisk = async (act: (disk: Mount, machine: GroupTarget) => Promise<void>) => {
    const disk = onLoop(kind)
    const machine = new GroupTarget({ data: `${disk.folder}/data` })
    try {
      await act(disk, machine)
    } finally {
      await machine.dispose()
      disk.dispose()
    }
  }

  /** Nothing more reaches the disk once the process has met its faults, as if the plug were pulled. */
  const cutAt = async (disk: Mount, machine: GroupTarget, faults: readonly Fault[]) => {
    machine.fresh()
    sh("sync") // also of other programs, or a group is flushed file by file
    const names = [...faults.map(({ call }) => call), "mkdir", "syncfs"]
    const run = await traced(machine, exporting, names, faults)
    sh("xfs_io", "-x", "-c", "shutdown", disk.folder)
    disk.down()
    disk.up()
    return { ...run, wrong: wrongOfGroup(machine, run.answer) }
  }

  test.if(ready)("power lost before each step of a group leaves each export whole or absent", () =>
    withDisk(async (disk, machine) => {
      const steps = await machine.steps(changing)
      const chosen = changing.flatMap((name) => some(steps.filter((step) => step.name === name)))
      const wrong: string[] = []
      for (const { name, when } of chosen) {
        const cut = await cutAt(disk, machine, [{ call: name, when, effect: "signal=SIGKILL" }])
        const found = [...cut.wrong, ...(await wrongNext(machine)), ...(cut.hit ? [] : ["the fault missed"])]
        injected(row, 1, found.length > 0 ? 1 : 0)
        wrong.push(...found.map((what) => `${name} #${when}: ${what}`))
      }
      expect(chosen.length).toBeGreaterThan(15)
      expect(wrong).toEqual([])
    }),
  )

  test.if(ready)("a group that was called verified is there after the power is lost", () =>
    withDisk(async (disk, machine) => {
      for (let round = 0; round < 3; round++) {
        const { answer, wrong } = await cutAt(disk, machine, [])
        injected(row, 1, wrong.length > 0 ? 1 : 0)
        const statuses = documentOf(answer).exports.map(({ status }: { status: string }) => status)
        expect([statuses, wrong, committed(machine).length]).toEqual([
          machine.ids.map(() => "verified"),
          [],
          5,
        ])
      }
    }),
  )

  test.if(ready)("this would show it: the same group without its flushes does not survive", () =>
    withDisk(async (disk, machine) => {
      const { answer } = await cutAt(disk, machine, [
        { call: "syncfs", when: "1+", effect: "retval=0" },
        { call: "fsync", when: "1+", effect: "retval=0" },
      ])
      const claimed: { path: string; status: string }[] = documentOf(answer).exports
      const kept = claimed.filter(({ path }, index) => {
        try {
          return readFileSync(path).equals(readFileSync(machine.transcripts[index] ?? ""))
        } catch {
          return false
        }
      })
      expect([claimed.length, kept.length]).toEqual([5, 0])
    }),
  )
})
