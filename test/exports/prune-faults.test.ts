/** A prune is killed, or fails, at its steps; runs beside exports and beside itself. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { rmSync } from "node:fs"
import { brokenGuarantees, leftovers } from "../export/export-invariants.ts"
import { type Call, hasStrace, traced } from "../faults/harness/inject.ts"
import { some } from "../faults/harness/sample.ts"
import { id, Rescued } from "../restore/rescued.ts"

const names = ["mkdir", "rename", "renameat2", "link", "fsync", "unlink", "unlinkat", "rmdir"]
const errors = ["EIO", "EACCES", "ENOSPC", "EROFS", "EPERM"]

describe.if(hasStrace)("a prune that breaks in the middle", () => {
  let machine: Rescued
  let steps: readonly Call[] = []
  let newest = ""
  let renames = 0
  beforeAll(async () => {
    machine = new Rescued()
    await fresh()
    const { answer, calls } = await traced(machine, ["prune", "--json"], names)
    expect(JSON.parse(answer.stdout).removed.length).toBe(1)
    const all = calls.filter(({ line }) =>
      line.replaceAll(/AT_FDCWD<[^>]*>/g, "").includes(machine.pending()),
    )
    steps = names.flatMap((name) => some(all.filter((each) => each.name === name)))
    renames = all.filter(({ name }) => name === "rename").length
  })
  afterAll(() => machine.dispose())

  async function fresh(): Promise<void> {
    rmSync(machine.data, { recursive: true, force: true })
    const first = await machine.export()
    machine.write(`${first}.queue/notify.json`, "{}")
    machine.grow()
    newest = await machine.export()
  }

  async function struck(step: Call, effect: string): Promise<string[]> {
    await fresh()
    const fault = { call: step.name, when: step.when, effect }
    const { hit } = await traced(machine, ["prune", "--json"], [step.name], [fault])
    const wrong = hit ? [] : ["the fault missed"]
    const sound = async () => {
      wrong.push(...brokenPromisesOf(machine))
      if (!machine.exports().includes(newest)) wrong.push("the newest export is gone")
      if ((await machine.run(["verify"])).code !== 0) wrong.push("verify finds damage")
    }
    await sound()
    const again = await machine.run(["prune", "--json"])
    if (again.code !== 0) wrong.push(`the rerun: ${again.stdout}`)
    await sound()
    if (machine.exports().length !== 1) wrong.push("the rerun did not finish")
    wrong.push(...leftovers(machine).map((name) => `left over: ${name}`))
    return wrong.map((what) => `${step.name} #${step.when} ${effect} (${step.line.slice(0, 150)}): ${what}`)
  }

  test("each of its parts is hidden, and all of them are called gone, before the first is removed", () => {
    expect(renames).toBe(5) // .jsonl, manifest, .files, .queue, the folder
  })

  test("killed at its steps: what looks like an export is whole, and the next prune finishes", async () => {
    const wrong: string[] = []
    for (const step of steps) wrong.push(...(await struck(step, "signal=SIGKILL")))
    expect(wrong).toEqual([])
  }, 300_000)

  test("an error at its steps", async () => {
    const wrong: string[] = []
    for (const [index, step] of steps.entries())
      wrong.push(...(await struck(step, `error=${errors[index % errors.length]}`)))
    expect(wrong).toEqual([])
  }, 300_000)
})

/** Each committed export holds what its manifest says; the sources have grown since. */
function brokenPromisesOf(machine: Rescued): string[] {
  return brokenGuarantees(machine).filter((wrong) => !wrong.endsWith("not what the source holds"))
}

test("prunes and exports at once: each export claimed is there or held by one that is, and all are whole", async () => {
  const machine = new Rescued()
  try {
    for (let round = 0; round < 4; round++) {
      machine.grow()
      const runs = await Promise.all([
        machine.run(["export", id, "--json"]),
        machine.run(["prune", "--json"]),
        machine.run(["export", id, "--json"]),
        machine.run(["prune", "--json"]),
      ])
      for (const { code, stdout } of runs) expect([code, code === 0 ? "" : stdout]).toEqual([0, ""])
      expect(brokenPromisesOf(machine)).toEqual([])
      expect(leftovers(machine)).toEqual([])
    }
    const { kept } = (await machine.run(["prune", "--json"])).json
    expect([kept, machine.exports().length]).toEqual([[], 1])
    expect((await machine.run(["verify"])).code).toBe(0)
    machine.loseHome()
    expect((await machine.restore(id)).code).toBe(0)
  } finally {
    await machine.dispose()
  }
}, 60_000)
