/** Cline: folders without a process, a hub that runs several sessions, and what becomes of one. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { addCline, cline, clineFolder } from "../../fixtures/agents/cline.ts"
import { Machine } from "../../fixtures/machine.ts"
import { childrenOf } from "../../fixtures/processes.ts"
import { until } from "../../fixtures/until.ts"

let machine: Machine
let cwd: string
beforeEach(() => {
  machine = new Machine()
  cwd = join(machine.root, "work")
  mkdirSync(cwd)
})
afterEach(() => machine.dispose())

const [one, two, three] = ["1795858150713_aaaaa", "1795858150714_bbbbb", "1795858150715_ccccc"] as const

async function sessions(...args: string[]) {
  return (await machine.run(["status", "--all", "--json", ...args])).json.sessions
}
const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")
const byId = (found: { id: string }[], id: string | null) => found.find((each) => each.id === id)

test.each([
  ["idle", "done", "closed", "its record says idle"],
  ["running", "asked", "ended mid-turn", "the model has not answered yet"],
  ["running", "call", "ended mid-turn", "run_commands has no result"],
] as const)("a session that is %s, and %s, is %s", async (status, last, detail, message) => {
  addCline(machine, { id: one, cwd, status, last })
  const [found] = await sessions()
  expect(found).toMatchObject({ id: one, agent: "cline", state: "ORPHANED", detail, cwd })
  expect(found.title).toBe("please mend the login page")
  expect(says(found)).toContain(message)
})

describe("a hub", () => {
  const hub = () => cline(machine, machine.root, ["--cline-hub-daemon"])
  const isNow = (id: string) => {
    for (const name of [`${id}.json`, `${id}.messages.json`])
      utimesSync(join(clineFolder(machine, id), name), new Date(), new Date())
  }

  test("runs what its record says is running; a window tells which other one is open", async () => {
    const { pid } = await hub()
    addCline(machine, { id: one, cwd, pid, status: "running", last: "call", age: 0 })
    addCline(machine, { id: two, cwd, pid, age: 0 })
    addCline(machine, { id: three, cwd, pid, age: 0 })
    const window = await cline(machine, cwd, ["-i", "--id", two])
    const found = await sessions()
    expect(byId(found, one)).toMatchObject({ pid, state: "ACTIVE", detail: "working" })
    expect(byId(found, two)).toMatchObject({ pid, state: "ACTIVE", detail: "waiting for you" })
    expect(says(byId(found, two) as never)).toContain(`shown by pid ${window.pid} (--id names it)`)
    expect(says(byId(found, two) as never)).toContain("ends every session that it runs when it ends")
    expect(byId(found, three)).toMatchObject({ pid: null, detail: "closed" })
  })

  test("has a tool of the session's folder below it", async () => {
    const client = await hub()
    addCline(machine, { id: one, cwd, pid: client.pid, status: "running", last: "call", age: 0 })
    client.say(`(cd ${cwd} && exec sleep 300) &\n`)
    await until("the tool", () => childrenOf(client.pid)[0])
    expect(byId(await sessions(), one)).toMatchObject({ detail: "running a tool" })
  })

  test("ended with one of its sessions, both are saved first", async () => {
    const client = await hub()
    for (const id of [one, two])
      addCline(machine, { id, cwd, pid: client.pid, status: "running", last: "call", age: 0 })
    const { code, json } = await machine.run(["kill", one, "--force", "--json", "--grace", "2s"])
    const [kill] = json.kills
    expect([code, kill.outcome]).toEqual([0, "ended"])
    expect(kill.exports.map(({ id }: { id: string }) => id).toSorted()).toEqual([one, two])
    await client.exited
    expect(byId(await sessions(), one)).toMatchObject({ pid: null, detail: "ended mid-turn" })
  })

  test("whose pid is another Cline by now runs nothing", async () => {
    const { pid } = await hub()
    addCline(machine, { id: one, cwd, pid, status: "running", last: "call", age: 3_600_000 })
    expect(byId(await sessions(), one)).toMatchObject({ pid: null, detail: "ended mid-turn" })
  })

  test("is gone: a window that opened the session again waits, whatever the record says", async () => {
    addCline(machine, { id: one, cwd, pid: 1, status: "running", last: "call", age: 3_600_000 })
    const { pid } = await cline(machine, cwd, ["-i", "--id", one])
    expect(byId(await sessions(), one)).toMatchObject({ pid, detail: "waiting for you" })
    isNow(one)
    expect(byId(await sessions(), one)).toMatchObject({ pid, detail: "working" })
  })
})

test("a window that shows one of two is not guessed; an export saves both", async () => {
  const { pid } = await cline(machine, cwd, ["-i"])
  for (const id of [one, two]) {
    addCline(machine, { id, cwd, age: 86_400_000 })
    utimesSync(join(clineFolder(machine, id), `${id}.json`), new Date(), new Date())
  }
  const unclear = byId(await sessions(), null)
  expect(unclear).toMatchObject({ pid, agent: "cline", flags: expect.arrayContaining(["ambiguous"]) })
  expect(says(unclear as never)).toContain("it shows one of these 2")
  const { json } = await machine.run(["export", String(pid), "--json"])
  expect(json.exports.map(({ id }: { id: string }) => id).toSorted()).toEqual([one, two])
})

test("deleted after an export it is restored, found with its subagent, and its manifest says it is rewritten", async () => {
  const path = addCline(machine, { id: one, cwd, prompt: "where is the xylophone" })
  const subagent = join(clineFolder(machine, one), "agent_1795858328325_h5fwku.messages.json")
  writeFileSync(
    subagent,
    readFileSync(path, "utf8")
      .replaceAll("xylophone", "zither")
      .replaceAll(/"m(\d)"/g, '"sub-$1"'),
  )
  machine.write(join(machine.home, ".cline/data/settings/providers.json"), '{"apiKey":"not-a-real-key"}')
  const before = readFileSync(path)
  const { json } = await machine.run(["export", one, "--json"])
  const { files } = JSON.parse(readFileSync(json.exports[0].manifest, "utf8"))
  expect(files.map(({ store }: { store: string }) => store)).toEqual(["rewritten", "rewritten", "rewritten"])
  rmSync(join(machine.home, ".cline/data/sessions"), { recursive: true })
  const restored = await machine.run(["restore", one, "--json"])
  expect([restored.code, readFileSync(path)]).toEqual([0, before])
  expect(restored.json.restore.resume.command).toContain(`cline -i --id ${one}`)
  expect((await machine.run(["cx", "--live", "--json"])).code).toBe(0)
  const hits = async (word: string) => (await machine.run(["cxq", word, "--json"])).json.hits
  expect(await hits("xylophone")).toMatchObject([{ agent: "cline", session: one, role: "user" }])
  expect(await hits("zither")).toMatchObject([{ session: one, subagent: "agent_1795858328325_h5fwku" }])
  const { commands } = (await machine.run(["cxq", "--commands", "--json"])).json
  expect(commands[0]).toMatchObject({ command: "make test" })
})

test("damage is said, and hides no other: a record that is torn, messages that are", async () => {
  addCline(machine, { id: one, cwd })
  writeFileSync(join(clineFolder(machine, one), `${one}.json`), '{"version":1,"pid"')
  truncateSync(addCline(machine, { id: two, cwd }), 300)
  addCline(machine, { id: three, cwd })
  const found = await sessions()
  expect(byId(found, one)).toMatchObject({ detail: "closed", flags: ["corrupt"] })
  expect(byId(found, two)).toMatchObject({ detail: "unreadable", flags: ["corrupt"] })
  expect(byId(found, three)).toMatchObject({ detail: "closed", flags: [] })
})

test("its tokens are counted, from its folder and, once that is gone, from an export", async () => {
  addCline(machine, { id: one, cwd })
  const counted = { input: 1200, cacheRead: 800, output: 40 }
  const usage = async () => {
    const { json } = await machine.run(["usage", "--json"])
    return json.all ?? json.total
  }
  expect(await usage()).toMatchObject(counted)
  expect((await machine.run(["export", one])).code).toBe(0)
  rmSync(join(machine.home, ".cline/data/sessions"), { recursive: true })
  expect(await usage()).toMatchObject(counted)
})
