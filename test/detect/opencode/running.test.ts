/** Which process of OpenCode runs which session, and what ends with it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { OpencodeDatabase, opencode, opencodeHome, sessionName } from "../../fixtures/agents/opencode.ts"
import { Machine } from "../../fixtures/machine.ts"
import { childrenOf, statOf } from "../../fixtures/processes.ts"
import { until } from "../../fixtures/until.ts"

let machine: Machine
let database: OpencodeDatabase
let cwd: string
beforeEach(() => {
  machine = new Machine()
  cwd = join(machine.root, "work")
  database = new OpencodeDatabase(machine)
})
afterEach(() => machine.dispose())

const [one, two] = [sessionName(1), sessionName(2)]
const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && statOf(pid)[0] !== "Z"

async function sessions(...args: string[]) {
  return (await machine.run(["status", "--json", ...args])).json.sessions
}
const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")
const byId = (found: { id: string }[], id: string) => found.find((each) => each.id === id)

test("a client has the session that its arguments name, in whatever folder", async () => {
  database.add({ id: one, cwd })
  database.add({ id: two, cwd })
  const { pid } = await opencode(machine, { words: ["-s", one] })
  const found = await sessions()
  expect(byId(found, one)).toMatchObject({ pid, state: "ACTIVE", detail: "waiting for you" })
  expect(says(byId(found, one) as never)).toContain("its arguments name the session")
  expect(byId(found, two)).toMatchObject({ pid: null })
})

test("else the one that the log names last for it, a child's for its parent", async () => {
  database.add({ id: one, cwd })
  database.add({ id: two, cwd })
  database.add({ id: sessionName(3), parent: two })
  const { pid } = await opencode(machine, { cwd })
  const at = new Date().toISOString()
  const lines = [
    `timestamp=${at} level=INFO run=0a1b2c3d message=started directory=${cwd}`,
    `timestamp=${at} level=INFO run=0a1b2c3d message=loop session.id=${one}`,
    `timestamp=${at} level=INFO run=0a1b2c3d message=loop session.id=${sessionName(3)}`,
  ]
  machine.write(join(opencodeHome(machine), "log/opencode.log"), `${lines.join("\n")}\n`)
  const found = await sessions()
  expect(byId(found, two)).toMatchObject({ pid })
  expect(says(byId(found, two) as never)).toContain("log")
})

test("else the one of its folder that was written last; with nothing written since its start, none", async () => {
  database.add({ id: one, cwd, age: 3_600_000 })
  const { pid } = await opencode(machine, { cwd })
  expect(byId(await sessions(), one)).toMatchObject({ pid: null })
  const [empty] = (await sessions()).filter((each: { pid: number }) => each.pid === pid)
  expect(empty).toMatchObject({ id: null, transcript: null, state: "ACTIVE" })
  database.say(one, "hello")
  expect(byId(await sessions(), one)).toMatchObject({ pid, state: "ACTIVE", detail: "working" })
})

test("of two clients and two sessions in one folder, neither is guessed, and both are saved", async () => {
  for (const id of [one, two]) database.add({ id, cwd })
  const clients = [await opencode(machine, { cwd }), await opencode(machine, { cwd })]
  for (const id of [one, two]) database.say(id, "hello")
  const found = await sessions()
  const running = found.filter(({ pid }: { pid: number | null }) => pid !== null)
  expect(running.map(({ pid }: { pid: number }) => pid).toSorted()).toEqual(
    clients.map(({ pid }) => pid).toSorted(),
  )
  expect(running[0]).toMatchObject({ id: null, flags: expect.arrayContaining(["ambiguous"]) })
  const { json } = await machine.run(["export", "--json"])
  expect(json.exports.map(({ id }: { id: string }) => id).toSorted()).toEqual([one, two])
})

describe("mid-turn", () => {
  test("with a tool below it, it runs a tool; without one, it most likely waits for a permission", async () => {
    database.add({ id: one, cwd, last: "waiting", age: 5_000 })
    const client = await opencode(machine, { words: ["-s", one] })
    const [waiting] = await sessions()
    expect(waiting).toMatchObject({ state: "ACTIVE", detail: "working" })
    expect(says(waiting)).toContain("most likely waits for a permission")
    client.say("sleep 300 </dev/null >/dev/null 2>&1 &\n")
    const tool = await until("the tool", () => childrenOf(client.pid)[0])
    const [atWork] = await sessions("--hung-after", "100ms")
    expect(atWork).toMatchObject({ state: "ACTIVE", detail: "running a tool" })
    expect(says(atWork)).toContain(`process ${tool}`)
  })

  test("and silent for long, it is HUNG", async () => {
    database.add({ id: one, cwd, last: "streaming", age: 5_000 })
    await opencode(machine, { words: ["-s", one] })
    await until("HUNG", async () => (await sessions("--hung-after", "100ms"))[0].state === "HUNG")
  })
})

test("a server is a helper, not a session, and says what ending it means", async () => {
  database.add({ id: one, cwd })
  const { pid } = await opencode(machine, { words: ["serve"], cwd })
  expect(byId(await sessions(), one)).toMatchObject({ pid: null })
  const { code, stderr } = await machine.run(["kill", `${pid}`, "--force"])
  expect([code, stderr]).toEqual([code, expect.stringContaining("OpenCode server")])
  expect(code).not.toBe(0)
  expect(isAlive(pid)).toBe(true)
})

test("ended, its rows are saved first; others may write all the while", async () => {
  database.add({ id: one, cwd, last: "running" })
  database.add({ id: two, cwd })
  const { pid } = await opencode(machine, { words: ["-s", one] })
  const other = setInterval(() => database.say(two, "something else"), 5)
  const { json, code, stdout } = await machine.run(["kill", one, "--force", "--json", "--grace", "2s"])
  clearInterval(other)
  expect([stdout, code]).toEqual([stdout, 0])
  expect(isAlive(pid)).toBe(false)
  const [saved] = json.kills[0].exports
  expect(saved).toMatchObject({ id: one, status: "verified" })
  expect(readFileSync(saved.path, "utf8")).toContain("building")
})

test("asked from a shell that its tool started, it is CURRENT, also when only OPENCODE_PID says so", async () => {
  database.add({ id: one, cwd })
  const { pid } = await opencode(machine, { words: ["-s", one] })
  const { json } = await machine.run(["status", "--json"], { env: { OPENCODE_PID: `${pid}` } })
  expect(byId(json.sessions, one)).toMatchObject({ state: "CURRENT" })
  expect((await machine.run(["kill", one, "--force"], { env: { OPENCODE_PID: `${pid}` } })).code).toBe(4)
})
