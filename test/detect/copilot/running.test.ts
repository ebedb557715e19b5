/** Which process of Copilot has which session open, and what its locks prove. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { addCopilot, copilot, leaveLock } from "../../fixtures/agents/copilot.ts"
import { startTool } from "../../fixtures/codex.ts"
import { Machine } from "../../fixtures/machine.ts"
import { statOf } from "../../fixtures/processes.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"

let machine: Machine
let cwd: string
beforeEach(() => {
  machine = new Machine()
  cwd = join(machine.root, "work")
})
afterEach(() => machine.dispose())

const [one, two] = [sessionId(1), sessionId(2)]
const isAlive = (pid: number) => statOf(pid)[0] !== "Z"

async function sessions(...args: string[]) {
  const { json } = await machine.run(["status", "--json", ...args])
  return json.sessions
}
const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")
const byId = (found: { id: string }[], id: string) => found.find((each) => each.id === id)

test("a client has the session that it has locked and keeps open", async () => {
  addCopilot(machine, { id: one, cwd })
  addCopilot(machine, { id: two, cwd, left: true })
  const { pid } = await copilot(machine, { id: one, cwd })
  const found = await sessions("--all")
  expect(byId(found, one)).toMatchObject({ pid, state: "ACTIVE", detail: "waiting for you" })
  expect(says(byId(found, one) as never)).toContain("has it open, and its lock names it")
  expect(byId(found, two)).toMatchObject({ pid: null, state: "ORPHANED", detail: "closed" })
})

test("a question that it has recorded is said, and what for", async () => {
  addCopilot(machine, { id: one, cwd, last: "asked", age: 5_000 })
  await copilot(machine, { id: one, cwd })
  const [found] = await sessions("--hung-after", "100ms")
  expect(found).toMatchObject({
    state: "ACTIVE",
    detail: "waiting for permission: bash touch logout",
    need: "asking",
  })
})

test("mid-turn and silent is HUNG; with a tool below it, it runs a tool", async () => {
  addCopilot(machine, { id: one, cwd, last: "call", age: 5_000 })
  const client = await copilot(machine, { id: one, cwd })
  const silent = await until("it to be silent for long", async () => {
    const [found] = await sessions("--hung-after", "100ms")
    return found.state === "HUNG" && found
  })
  expect(silent).toMatchObject({ detail: "silent, cause unknown" })
  const tool = await startTool(client)
  const [atWork] = await sessions("--hung-after", "100ms")
  expect(atWork).toMatchObject({ state: "ACTIVE", detail: "running a tool" })
  expect(says(atWork)).toContain(`process ${tool}`)
})

describe("a lock that was left behind", () => {
  test("whose number another program has now is stale", async () => {
    addCopilot(machine, { id: one, cwd, last: "call" })
    const { pid } = machine.start(["sleep", "300"])
    leaveLock(machine, one, pid, 600_000)
    const [found] = await sessions("--all")
    expect(found).toMatchObject({ id: one, pid: null, state: "ORPHANED", detail: "crashed mid-turn" })
    expect(says(found)).toContain(`process ${pid} is another program now (sleep, started since)`)
    expect((await machine.run(["kill", one, "--force"])).code).not.toBe(0)
    expect(isAlive(pid)).toBe(true)
  })

  test("whose number another Copilot has now is stale, and that one has its own session", async () => {
    addCopilot(machine, { id: one, cwd, last: "call" })
    addCopilot(machine, { id: two, cwd })
    const { pid } = await copilot(machine, { id: two, cwd })
    leaveLock(machine, one, pid)
    const found = await sessions("--all")
    expect(byId(found, one)).toMatchObject({ pid: null, detail: "crashed mid-turn" })
    expect(says(byId(found, one) as never)).toContain("a Copilot that does not have it open")
    expect(byId(found, two)).toMatchObject({ pid, state: "ACTIVE" })
  })

  test("beside a client's lock changes nothing for the client", async () => {
    addCopilot(machine, { id: one, cwd })
    leaveLock(machine, one, 4_194_400)
    const { pid } = await copilot(machine, { id: one, cwd })
    expect(await sessions()).toMatchObject([{ id: one, pid, state: "ACTIVE", flags: ["no-terminal"] }])
  })
})

test("two clients with one session are told apart, and said", async () => {
  addCopilot(machine, { id: one, cwd })
  const pids = [await copilot(machine, { id: one, cwd }), await copilot(machine, { id: one, cwd })]
  const found = await sessions()
  expect(found.map(({ pid }: { pid: number }) => pid).toSorted()).toEqual(
    pids.map(({ pid }) => pid).toSorted(),
  )
  for (const each of found) expect(each.flags).toContain("duplicate-writer")
})

describe("a client that was resumed, and not spoken to yet, has no lock", () => {
  test("its arguments name the session, and what was left open is over", async () => {
    addCopilot(machine, { id: one, cwd, last: "call", age: 600_000 })
    const { pid } = await copilot(machine, { cwd, args: [`--resume=${one}`] })
    const [found] = await sessions("--hung-after", "100ms")
    expect(found).toMatchObject({ id: one, pid, state: "ACTIVE", detail: "waiting for you" })
    expect(says(found)).toContain("its arguments name it")
  })

  test("its log names the session that it has gone on to", async () => {
    for (const id of [one, two]) addCopilot(machine, { id, cwd, left: true })
    const client = await copilot(machine, { cwd, args: [`--resume=${one}`] })
    const log = join(machine.home, `.copilot/logs/process-1795837999367-${client.pid}.log`)
    const line = (what: string, id: string) =>
      `2026-11-28T03:53:19.792Z [INFO] ${what} foreground session: ${id}\n`
    const lines = [line("Registering", one), line("Unregistering", one), line("Registering", two)]
    machine.write(log, lines.join(""))
    client.say(`exec 8>>"${log}"\n`)
    const found = await until("its log to be open", async () => byId(await sessions(), two))
    expect(found).toMatchObject({ pid: client.pid })
    expect(says(found as never)).toContain("its log names it")
    expect(byId(await sessions("--all"), one)).toMatchObject({ pid: null })
  })
})

test("a client without a session is listed, and has nothing to lose", async () => {
  const { pid } = await copilot(machine, { cwd })
  expect(await sessions()).toMatchObject([{ id: null, pid, agent: "copilot", state: "ACTIVE" }])
})

test("a server of several sessions ended for one ends all: each is saved first, and named", async () => {
  addCopilot(machine, { id: one, cwd })
  addCopilot(machine, { id: two, cwd })
  const server = await copilot(machine, { id: one, cwd, args: ["--acp"] })
  server.say(`d="${join(machine.home, ".copilot/session-state", two)}"\n`)
  server.say('printf %s $$ >"$d/inuse.$$.lock"; exec 8>"$d/inuse.$$.hold"\n')
  await until("it to have both", async () => (await sessions()).length === 2)
  const { json } = await machine.run(["kill", one, "--force", "--json"])
  expect(json.kills).toMatchObject([{ id: one, outcome: "ended", companions: [{ id: two, ended: true }] }])
  const saved = json.kills[0].exports.map(({ id, status }: { id: string; status: string }) => [id, status])
  expect(saved.toSorted()).toEqual([
    [one, "verified"],
    [two, "verified"],
  ])
})

test("from inside a session's own tool its variable names it: CURRENT, and never ended", async () => {
  addCopilot(machine, { id: one, cwd, last: "open" })
  const { pid } = await copilot(machine, { id: one, cwd })
  const env = { COPILOT_AGENT_SESSION_ID: one }
  const { json } = await machine.run(["status", "--json"], { env })
  expect(json.sessions).toMatchObject([{ id: one, state: "CURRENT", pid }])
  const kill = await machine.run(["kill", one, "--force"], { env })
  expect([kill.code, kill.stdout]).toEqual([4, expect.stringContaining("COPILOT_AGENT_SESSION_ID names it")])
  expect(isAlive(pid)).toBe(true)
})
