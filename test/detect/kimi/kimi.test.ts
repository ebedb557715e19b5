/** Kimi Code: folders without a process, clients by their folder and time, and what becomes of a session. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { addKimi, kimi, kimiFolder, kimiId } from "../../fixtures/agents/kimi.ts"
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

const [one, two] = [kimiId(1), kimiId(2)]

async function sessions(...args: string[]) {
  return (await machine.run(["status", "--all", "--json", ...args])).json.sessions
}
const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")
const byId = (found: { id: string }[], id: string | null) => found.find((each) => each.id === id)
/** As its client writes it. */
const touch = (path: string) => utimesSync(path, new Date(), new Date())

test.each([
  ["done", "closed", "its last turn ended (completed)"],
  ["open", "ended mid-turn", "the model has not answered yet"],
  ["call", "ended mid-turn", "Bash was called and has no result"],
  ["asked", "ended mid-turn", "permission for Bash touch x was requested"],
] as const)("a session whose last turn is %s is %s", async (last, detail, message) => {
  addKimi(machine, { id: one, cwd, last })
  const [found] = await sessions()
  expect(found).toMatchObject({
    ...{ id: one, agent: "kimi", state: "ORPHANED", detail, cwd },
    ...{ title: "please mend the login page", contextTokens: 1020 },
  })
  expect(says(found)).toContain(message)
})

describe("a client", () => {
  test("alone in its folder has the session that was written since it started; its question is said", async () => {
    const path = addKimi(machine, { id: one, cwd, last: "asked" })
    addKimi(machine, { id: two, cwd })
    const client = await kimi(machine, cwd)
    touch(path)
    const found = await sessions()
    expect(byId(found, one)).toMatchObject({
      ...{ pid: client.pid, state: "ACTIVE", detail: "waiting for permission: Bash touch x", need: "asking" },
    })
    expect(says(byId(found, one) as never)).toContain("by folder and time alone")
    expect(byId(found, two)).toMatchObject({ pid: null })
  })

  test("runs a tool that is seen below it", async () => {
    const path = addKimi(machine, { id: one, cwd, last: "call" })
    const client = await kimi(machine, cwd)
    touch(path)
    client.say("tool\n")
    await until("the tool", () => childrenOf(client.pid)[0])
    expect(byId(await sessions(), one)).toMatchObject({ detail: "running a tool" })
  })

  test("that was not spoken to has none; one whose folder has two written is one of these", async () => {
    const paths = [one, two].map((id) => addKimi(machine, { id, cwd }))
    const { pid } = await kimi(machine, cwd)
    const [idle] = await sessions()
    expect(idle).toMatchObject({ id: null, pid, agent: "kimi", candidates: [] })
    for (const path of paths) touch(path)
    const unclear = byId(await sessions(), null)
    expect(unclear).toMatchObject({ pid, flags: expect.arrayContaining(["ambiguous"]) })
    expect(says(unclear as never)).toContain("it has one of these 2")
  })

  test("beside another in the same folder is not guessed", async () => {
    const path = addKimi(machine, { id: one, cwd })
    const pids = [await kimi(machine, cwd), await kimi(machine, cwd)].map(({ pid }) => pid)
    touch(path)
    const found = (await sessions()).filter(({ pid }: { pid: number | null }) => pid !== null)
    expect(found.map(({ pid }: { pid: number }) => pid).toSorted()).toEqual(pids.toSorted())
    for (const each of found) expect(says(each)).toContain("1 more Kimi Code in this folder")
    const { code, json } = await machine.run(["export", String(pids[0]), "--json"])
    expect([code, json.exports.map(({ id }: { id: string }) => id)]).toEqual([0, [one]])
  })
})

test("deleted after an export it is restored with its folder, and found", async () => {
  const path = addKimi(machine, { id: one, cwd, prompt: "where is the xylophone" })
  machine.write(
    join(kimiFolder(machine, one), "agents/agent-1/wire.jsonl"),
    readFileSync(path, "utf8")
      .replaceAll("xylophone", "zither")
      .replaceAll(/"(msg|part|call-uuid)-/g, '"sub-$1-'),
  )
  const before = readFileSync(path)
  await machine.run(["export", one, "--json"])
  rmSync(join(machine.home, ".kimi-code/sessions"), { recursive: true })
  const restored = await machine.run(["restore", one, "--json"])
  expect([restored.code, readFileSync(path)]).toEqual([0, before])
  expect(restored.json.restore.resume.command).toBe(`cd '${cwd}' && kimi --session ${one}`)
  expect((await machine.run(["cx", "--live", "--json"])).code).toBe(0)
  const hits = async (word: string) => (await machine.run(["cxq", word, "--json"])).json.hits
  expect(await hits("xylophone")).toMatchObject([{ agent: "kimi", session: one, role: "user" }])
  expect(await hits("zither")).toMatchObject([{ session: one, subagent: "agent-1" }])
  expect((await machine.run(["cxq", "--commands", "--json"])).json.commands[0]).toMatchObject({
    command: "make test",
  })
})

test("its tokens are counted", async () => {
  addKimi(machine, { id: one, cwd })
  const { json } = await machine.run(["usage", "--json"])
  expect(json.all ?? json.total).toMatchObject({ input: 600, cacheRead: 400, output: 20 })
})

test("damage is said, and hides no other: a state that is torn, a wire that is empty, half a record", async () => {
  addKimi(machine, { id: one, cwd })
  writeFileSync(join(kimiFolder(machine, one), "state.json"), '{"id":"sess')
  truncateSync(addKimi(machine, { id: two, cwd }), 0)
  const torn = addKimi(machine, { id: kimiId(3), cwd, last: "open" })
  appendFileSync(torn, '{"type":"context.append{"type":"turn.ended","reason":"cancelled","time":1}\n')
  const found = await sessions()
  expect(byId(found, one)).toMatchObject({ detail: "closed", cwd, title: "please mend the login page" })
  expect(byId(found, two)).toMatchObject({ detail: "stub" })
  expect(byId(found, kimiId(3))).toMatchObject({ detail: "closed", flags: ["corrupt"] })
})
