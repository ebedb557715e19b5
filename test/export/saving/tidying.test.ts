import { afterEach, beforeEach, expect, test } from "bun:test"
import { rmSync } from "node:fs"
import { dirname } from "node:path"
import { type Fault, hasStrace, touching, traced } from "../../faults/harness/inject.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { brokenGuarantees, committed, leftovers } from "../export-invariants.ts"

const id = sessionId(1)
const steps = ["rename", "unlinkat", "fsync", "mkdir", "link"]
let machine: Machine
beforeEach(() => {
  machine = new Machine()
  const transcript = machine.transcript(id)
  machine.write(`${dirname(transcript)}/${id}/subagents/agent-1.jsonl`, '{"a":1}\n')
})
afterEach(() => machine.dispose())

const run = (names: readonly string[], faults: readonly Fault[] = []) =>
  traced(machine, ["export", id, "--json"], names, faults)

/** An export that died with all its files but the .jsonl under their names. */
async function halfPublished(): Promise<void> {
  rmSync(machine.data, { recursive: true, force: true })
  await run(["link"], [{ call: "link", when: 2, effect: "signal=SIGKILL" }])
  expect([committed(machine).length, leftovers(machine).length]).toEqual([0, 3])
}

test.if(hasStrace)(
  "tidying up after a killed export may be killed at any step, too",
  async () => {
    await halfPublished()
    const calls = touching((await run(steps)).calls, machine.data)
    expect([brokenGuarantees(machine), leftovers(machine)]).toEqual([[], []])
    expect(calls.length).toBeGreaterThan(20)
    for (const { name, when } of calls) {
      await halfPublished()
      const { hit } = await run([name], [{ call: name, when, effect: "signal=SIGKILL" }])
      expect([hit, brokenGuarantees(machine)]).toEqual([true, []])
      const { code, json } = await machine.run(["export", id, "--json"])
      expect([code, json.warnings, brokenGuarantees(machine), leftovers(machine)]).toEqual([0, [], [], []])
    }
  },
  120_000,
)

test.if(hasStrace)("what cannot be taken back is left for the next run, which does it", async () => {
  const faults: Fault[] = [
    { call: "link", when: 2, effect: "error=EIO" },
    { call: "rename", when: 2, effect: "error=EIO" },
  ]
  const { answer } = await run(["link", "rename"], faults)
  expect(answer.json.failures).toMatchObject([
    { code: "CANNOT_WRITE", message: expect.stringContaining("EIO") },
  ])
  expect([answer.code, committed(machine)]).toEqual([1, []])
  const { json } = await machine.run(["export", id, "--json"])
  expect([json.exports[0].status, json.warnings, leftovers(machine)]).toEqual(["verified", [], []])
})
