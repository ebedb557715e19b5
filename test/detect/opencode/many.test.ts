/** Ten thousand sessions in one database of OpenCode: each is listed, and one is saved alone. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { OpencodeDatabase, sessionName } from "../../fixtures/agents/opencode.ts"
import { Machine } from "../../fixtures/machine.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const number = 10_000

test("10,000 sessions of one database are listed; one of them is saved without the others", async () => {
  const database = new OpencodeDatabase(machine)
  database.database.transaction(() => {
    for (let each = 1; each <= number; each++)
      database.add({ id: sessionName(each), said: `needle ${each} of many`, age: 60_000 + each })
  })()
  database.close()
  const { json, code } = await machine.run(["status", "--all", "--json"])
  expect(code).toBe(0)
  expect(new Set(json.sessions.map(({ id }: { id: string }) => id)).size).toBe(number)
  const id = sessionName(4321)
  const saved = await machine.run(["export", id, "--json"])
  expect([saved.code, saved.json.exports[0].status]).toEqual([0, "verified"])
  const text = readFileSync(saved.json.exports[0].path, "utf8")
  expect([text.includes("needle 4321 of many"), text.includes("needle 4322")]).toEqual([true, false])
})
