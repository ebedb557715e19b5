/** A run dies while it takes an export away or archives it: what it left is no damage, and the next run goes on. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { hasStrace, traced } from "../faults/harness/inject.ts"
import { until } from "../fixtures/until.ts"
import { id, Rescued } from "../restore/rescued.ts"

let machine: Rescued
beforeEach(() => {
  machine = new Rescued()
})
afterEach(() => machine.dispose())

async function killed(command: string, call: string, when: number): Promise<void> {
  const { hit } = await traced(machine, [command], [call], [{ call, when, effect: "signal=SIGKILL" }])
  expect(hit).toBe(true)
}

/** What verify says of each export, and that it found no damage. */
async function verified(): Promise<string[]> {
  const { code, json } = await machine.run(["verify", "--json"])
  expect(code).toBe(0)
  return json.exports.map(({ place, state }: { place: string; state: string }) => `${place} ${state}`)
}

describe.if(hasStrace)("after a kill -9", () => {
  test.each([1, 2, 3, 4])("of a prune at its rename %d, cx archives what is there", async (when) => {
    await machine.export()
    machine.grow()
    await machine.export()
    await killed("prune", "rename", when)
    expect(await verified()).toContain("pending whole")
    expect((await machine.run(["queue", "--json"])).stdout).not.toContain("broken")
    const { code, json } = await machine.run(["cx", "--json"])
    expect([code, json.error, json.warnings]).toEqual([0, undefined, []])
    expect(new Set(await verified())).toEqual(new Set(["archived whole"]))
  })

  test.each([1, 2, 7, 8])(
    "of an archive at its link %d, the export is still pending, and said to be",
    async (when) => {
      await machine.export()
      await killed("cx", "link", when)
      expect(new Set(await verified())).toEqual(
        new Set(when === 1 ? ["pending whole"] : ["archived unfinished", "pending whole"]),
      )
      const { json } = await machine.run(["list", id, "--json"])
      for (const { state, why } of json.exports)
        expect([state, why]).toEqual(
          state === "pending" ? ["pending", null] : ["broken", expect.stringContaining("unfinished")],
        )
      expect((await machine.run(["cx", "--json"])).code).toBe(0)
      expect(await verified()).toEqual(["archived whole"])
    },
  )
})

describe.if(hasStrace)("while another run is at it", () => {
  test("what it archives between two looks is whole, and no damage", async () => {
    const base = await machine.export()
    mkdirSync(machine.archive, { mode: 0o700 })
    // its second look into the archive folder waits
    const delay = { call: "openat", when: 2, effect: "delay_enter=2000000", path: machine.archive } as const
    const verifying = traced(machine, ["verify", "--json"], ["openat"], [delay])
    await until("its first look into the archive folder", () =>
      readdirSync(machine.root).some(
        (name) =>
          name.startsWith("strace-") && readFileSync(join(machine.root, name), "utf8").includes(" = "),
      ),
    )
    await machine.archiveIt(base)
    const { answer } = await verifying
    const { exports } = JSON.parse(answer.stdout)
    expect([answer.code, exports.map(({ state }: { state: string }) => state)]).toEqual([0, ["whole"]])
  })
})
