/** A run dies while it takes an export away or archives it: what it left is no damage, and the next run goes on. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { hasStrace, traced } from "../faults/inject.ts"
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
          state === "pending" ? ["pending", null] : ["broken", expect.stringContaining("not finished")],
        )
      expect((await machine.run(["cx", "--json"])).code).toBe(0)
      expect(await verified()).toEqual(["archived whole"])
    },
  )
})
