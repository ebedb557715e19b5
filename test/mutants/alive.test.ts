/** That the program does its work at all: a removal that merely breaks it is no proof of anything. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { brokenGuarantees } from "../export/export-invariants.ts"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { client, isThere } from "../kill/harness/clients.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

test("a session is found, saved, and saved again", async () => {
  const id = sessionId(1)
  machine.transcript(id)
  expect((await machine.run(["status", "--json"])).json.sessions).toMatchObject([{ id }])
  expect((await machine.run(["export", id, "--json"])).json.exports).toMatchObject([{ status: "verified" }])
  expect((await machine.run(["export", id, "--json"])).json.exports[0].status).toBeOneOf([
    "unchanged",
    "verified",
  ])
  expect(brokenGuarantees(machine)).toEqual([])
})

test("a client is ended", async () => {
  const { pid, id } = await client(machine, sessionId(1))
  expect((await machine.run(["kill", id, "--force"])).code).toBe(0)
  expect(isThere(pid)).toBe(false)
})
