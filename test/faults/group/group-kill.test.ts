/** Groups, row 1. Broken: the process, at each step of a group. Held: each export whole or absent; a rerun. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { able } from "../tools.ts"
import { brokenGroup, GroupTarget } from "./group-target.ts"

const ready = able("groups, killed", "strace")
const working = ["mkdir", "pwrite64", "fsync", "syncfs", "fadvise64", "link", "rename", "unlinkat"]
let machine: GroupTarget
beforeAll(() => {
  machine = new GroupTarget()
})
afterAll(() => machine.dispose())

test.if(ready)(
  "killed at any step of a group, each export is whole or absent, and the next run tidies up",
  async () => {
    const steps = await machine.steps(working)
    expect(steps.length).toBeGreaterThan(60)
    const wrong: string[] = []
    for (const { name, when } of steps)
      wrong.push(
        ...(await brokenGroup("groups, killed", machine, { call: name, when, effect: "signal=SIGKILL" })),
      )
    expect(wrong).toEqual([])
  },
)
