/** Groups, rows 2 and 3. Broken: one call of a group, which fails or lies. Held: never "verified" unless it is; a rerun. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { type Call, traced } from "../harness/inject.ts"
import { some } from "../harness/sample.ts"
import { documentOf } from "../harness/target.ts"
import { able } from "../tools.ts"
import { brokenGroup, exporting, GroupTarget, wrongOfGroup } from "./group-target.ts"

const ready = able("groups, errors and lies", "strace")
const row = "groups, errors and lies"
let machine: GroupTarget
beforeAll(() => {
  machine = new GroupTarget()
})
afterAll(() => machine.dispose())

async function wrongWith(calls: readonly Call[], effects: readonly string[]): Promise<string[]> {
  const wrong: string[] = []
  for (const { name, when } of calls)
    for (const effect of effects)
      wrong.push(...(await brokenGroup(row, machine, { call: name, when, effect })))
  return wrong
}

test
  .if(ready)
  .each(["mkdir", "openat", "pwrite64", "pread64", "fsync", "link", "rename", "unlinkat", "fchmod"])(
  "%s fails in a group",
  async (name) => {
    const steps = await machine.steps([name])
    expect(steps.length).toBeGreaterThan(0)
    expect(await wrongWith(some(steps), ["error=EIO", "error=ENOSPC", "error=EMFILE"])).toEqual([])
  },
)

test.if(ready).each(["mkdir", "pwrite64", "pread64", "link", "rename", "unlinkat"])(
  "%s claims in a group what it has not done",
  async (name) => {
    const steps = await machine.steps([name])
    const lie = name.endsWith("64") ? ["retval=7", "retval=1"] : ["retval=0"]
    expect(await wrongWith(some(steps), lie)).toEqual([])
  },
)

describe.if(ready)("the flush of a group", () => {
  test.each(["EIO", "ENOSPC", "EDQUOT", "EROFS", "EBADF", "ENOSYS", "EINTR"])(
    "syncfs that fails with %s is followed by a flush of each file",
    async (code) => {
      machine.fresh()
      Bun.spawnSync(["sync"]) // or it may not be used at all
      const fault = { call: "syncfs", when: "1+", effect: `error=${code}` } as const
      const { answer, log } = await traced(machine, exporting, ["syncfs", "fsync"], [fault])
      expect(documentOf(answer).exports.map(({ status }: { status: string }) => status)).toEqual(
        machine.ids.map(() => "verified"),
      )
      expect(wrongOfGroup(machine, answer)).toEqual([])
      for (const id of machine.ids)
        for (const file of ["session.jsonl", "manifest.json"])
          expect(log).toMatch(new RegExp(`fsync\\(\\d+<[^>]*/\\.${id}\\.[^>]*/${file}>`))
    },
  )

  test("a file that then fails, too, fails its session alone", async () => {
    const wrong: string[] = []
    for (const when of [2, 3, 5]) {
      machine.fresh()
      Bun.spawnSync(["sync"])
      const { answer } = await traced(
        machine,
        exporting,
        ["syncfs", "fsync"],
        [
          { call: "syncfs", when: "1+", effect: "error=EIO" },
          { call: "fsync", when, effect: "error=EIO" },
        ],
      )
      const report = documentOf(answer)
      wrong.push(...wrongOfGroup(machine, answer))
      expect(answer.code).toBe(1)
      expect(report.failures.length + report.exports.length).toBe(machine.ids.length)
      expect(report.failures.length).toBeGreaterThan(0)
    }
    expect(wrong).toEqual([])
  })
})
