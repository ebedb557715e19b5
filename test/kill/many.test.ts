/** Forty sessions at once. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync } from "node:fs"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { client, isThere, writesOnTerm } from "./harness/clients.ts"

setDefaultTimeout(90_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

test("each is listed once with its own id, and all named in one line are ended, each saved to its last word", async () => {
  const numbers = Array.from({ length: 40 }, (_, index) => index + 1)
  const clients = await Promise.all(
    numbers.map((number) => client(machine, sessionId(number), writesOnTerm, { cwd: `/work/${number % 7}` })),
  )
  const { json } = await machine.run(["status", "--json"])
  const listed = json.sessions.map(({ id, pid }: { id: string; pid: number }) => `${id} ${pid}`)
  expect(listed.toSorted()).toEqual(clients.map(({ id, pid }) => `${id} ${pid}`).toSorted())
  const answer = await machine.run(["kill", ...clients.map(({ pid }) => String(pid)), "--force", "--json"])
  const outcomes = answer.json.kills.map((each: { outcome: string }) => each.outcome)
  expect([answer.code, outcomes]).toEqual([0, clients.map(() => "ended")])
  expect(clients.filter(({ pid }) => isThere(pid))).toEqual([])
  for (const [index, { transcript }] of clients.entries()) {
    const { path } = answer.json.kills[index].exportsAfter[0]
    expect(readFileSync(path).equals(readFileSync(transcript))).toBe(true)
  }
})
