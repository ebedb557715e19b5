/** Root, who looks into somebody's home (`sudo` keeps HOME on some systems), and a home that several users share. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { named } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { makePassable } from "../fixtures/passable.ts"
import { statOf } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

const root = process.getuid?.() === 0
if (!root) console.error("\n!!! NOT ROOT: clients of other users are SKIPPED\n")
const id = sessionId(1)

let machine: Machine
beforeEach(() => {
  machine = new Machine()
  makePassable(machine.root)
})
afterEach(() => machine.dispose())

/** Another user's client; `environment` is all that it has. */
async function client(environment: Record<string, string>): Promise<number> {
  const program = machine.copy("/bin/sleep", join(machine.root, "claude-code-linux-x64/claude"))
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const as = ["setpriv", "--reuid", "65534", "--clear-groups", "env", "-i", ...variables]
  const { pid } = machine.start([...as, program, "300"], { cwd: "/" })
  await named(pid, "claude")
  return pid
}

describe.skipIf(!root)("another user's client", () => {
  test("that our home's registry names is running, not crashed, and is not ended by us", async () => {
    const pid = await client({ HOME: "/nonexistent" })
    machine.transcript(id)
    machine.registry({ pid, procStart: statOf(pid)[19] ?? "" }, id)
    const { json } = await machine.run(["status", "--json"])
    expect(json.sessions).toMatchObject([{ id, state: "ACTIVE", pid }])
    expect(json.warnings).toEqual([])
    const { code, stdout } = await machine.run(["kill", id, "--force", "--json"])
    expect([code, stdout]).toEqual([4, expect.stringContaining("it belongs to another user")])
    expect(statOf(pid)[0]).toBe("S")
  })

  test("that works in our home without a registry (1.x, 2.0) is running, as its environment tells", async () => {
    const pid = await client({ CLAUDE_CONFIG_DIR: machine.claude })
    machine.transcript(id, { cwd: "/", age: -1_000 })
    const { json } = await machine.run(["status", "--json"])
    expect(json.sessions).toMatchObject([{ id, state: "ACTIVE", pid }])
  })

  test("that works elsewhere, or does not say where, is counted and not looked into", async () => {
    await client({ HOME: "/nonexistent" })
    await client({})
    const { json } = await machine.run(["status", "--json"])
    expect([json.sessions, json.rejected]).toEqual([[], []])
    expect(json.warnings).toEqual(["2 clients of other users seen but not examined"])
  })
})
