import { afterEach, beforeEach, expect, test } from "bun:test"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { brokenGuarantees, committed, leftovers } from "../export-invariants.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

test("eight exports of one session at once are each whole, and none replaces another", async () => {
  const transcript = machine.transcript(sessionId(1))
  machine.write(`${transcript.slice(0, -6)}/subagents/agent-1.jsonl`, "{}\n")
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => machine.run(["export", sessionId(1), "--json"])),
  )
  const paths = answers.map(({ json }) => json.exports[0].path)
  for (const { code, json } of answers) {
    expect([code, json.failures, json.warnings]).toEqual([0, [], []])
    expect(["verified", "unchanged"]).toContain(json.exports[0].status)
  }
  expect(
    committed(machine)
      .map((base) => `${base}.jsonl`)
      .sort(),
  ).toEqual([...new Set(paths)].sort())
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
}, 60_000)

test("exports of different sessions at once do not meet", async () => {
  for (const number of [1, 2, 3, 4]) machine.transcript(sessionId(number))
  const answers = await Promise.all(
    [1, 2, 3, 4].map((number) => machine.run(["export", sessionId(number), "--json"])),
  )
  for (const { json } of answers) expect(json.exports[0].status).toBe("verified")
  expect(committed(machine)).toHaveLength(4)
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
}, 60_000)
