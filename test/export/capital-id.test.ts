/** `claude --session-id $(uuidgen)` on a Mac: the id, its files and the way back are in capitals (2.1.332: observed). */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { renameSync } from "node:fs"
import { idle, shellClient } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { contents } from "../restore/rescued.ts"
import { brokenGuarantees, committed, filesBelow, leftovers } from "./export-invariants.ts"

const id = sessionId(1).toUpperCase()
let machine: Machine
beforeEach(() => {
  machine = new Machine()
  const transcript = machine.transcript(id, { cwd: machine.root })
  machine.write(`${transcript.slice(0, -".jsonl".length)}/subagents/agent-1.jsonl`, '{"agent":1}\n')
  machine.write(`${machine.claude}/file-history/${id}/0123@v1`, "before\n")
})
afterEach(() => machine.dispose())

test("it is saved whole, found by what is typed in either case, and comes back as it was spelled", async () => {
  const before = contents(machine.claude)
  for (const [typed, status] of [
    [id, "verified"],
    [id.toLowerCase(), "unchanged"],
    [id.slice(0, 8).toLowerCase(), "unchanged"],
  ] as const) {
    const { json } = await machine.run(["export", typed, "--json"])
    expect(json.exports.map((each: { id: string; status: string }) => [each.id, each.status])).toEqual([
      [id, status],
    ])
  }
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
  const [base = ""] = committed(machine)
  expect(filesBelow(`${base}.files`)).toHaveLength(2)
  expect((await machine.run(["cx"])).code).toBe(0)
  expect((await machine.run(["verify", id.slice(0, 6).toLowerCase()])).code).toBe(0)
  renameSync(machine.claude, `${machine.claude}.was`)
  expect((await machine.run(["restore", id.toLowerCase()])).stdout).toContain(`claude --resume ${id}`)
  expect(contents(machine.claude)).toEqual(before)
  const { stdout } = await machine.run(["show", id.toLowerCase()])
  expect(stdout).toContain("mend the login page")
})

test.each(["registry", "arguments", "arguments in small letters"])(
  "a process holds it: known by its %s",
  async (by) => {
    const args = by === "arguments" ? ["--resume", id] : ["--session-id", id.toLowerCase()]
    const client = by === "registry" ? await machine.client() : shellClient(machine, idle, { args })
    if (by === "registry") machine.registry(client, id)
    const { json } = await machine.run(["status", "--json"])
    const found = json.sessions.map((each: { pid: number; id: string; transcript: string }) => [
      each.pid,
      each.id,
    ])
    expect(found).toEqual([[client.pid, id]])
    expect(json.sessions[0].transcript).toEndWith(`${id}.jsonl`)
  },
)

test("two ids that differ in nothing else are two sessions", async () => {
  machine.transcript(id.toLowerCase(), { cwd: machine.root })
  const { json } = await machine.run(["export", "--all", "--json"])
  const saved = json.exports.map((each: { id: string; files: number }) => [each.id, each.files])
  expect(saved.toSorted()).toEqual([
    [id, 3],
    [id.toLowerCase(), 1],
  ])
})
