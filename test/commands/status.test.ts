import { afterEach, beforeEach, expect, test } from "bun:test"
import { sessionId } from "../fixtures/conversation.ts"
import { Machine, tree } from "../fixtures/machine.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

test("status writes nothing anywhere", async () => {
  machine.transcript(sessionId(1))
  const before = tree(machine.root)
  expect((await machine.run(["--status"])).code).toBe(0)
  expect((await machine.run([])).code).toBe(0)
  expect(tree(machine.root)).toEqual(before)
})

test("an idle client is ACTIVE and waits for its user, however long", async () => {
  const client = await machine.client()
  machine.registry(client, sessionId(1), { statusUpdatedAt: Date.now() - 3 * 86_400_000 })
  machine.transcript(sessionId(1), { age: 3 * 86_400_000 })
  const { json } = await machine.run(["status", "--json"])
  expect(json.sessions).toHaveLength(1)
  expect(json.sessions[0]).toMatchObject({
    id: sessionId(1),
    state: "ACTIVE",
    detail: "waiting for you",
    pid: client.pid,
    tty: null,
    flags: ["no-terminal"],
    title: "please mend the login page",
    cwd: "/work/one",
    gitBranch: "main",
    contextTokens: 1020,
    footprintFiles: 1,
  })
})
