import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, renameSync } from "node:fs"
import { join } from "node:path"
import { idle, scriptClient, shellClient } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
let cwd: string
beforeEach(() => {
  machine = new Machine()
  cwd = join(machine.root, "work")
  mkdirSync(cwd)
})
afterEach(() => machine.dispose())

const [one, two] = [sessionId(1), sessionId(2)]

async function sessions(...args: string[]) {
  return (await machine.run(["status", "--json", ...args])).json.sessions
}

const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")

describe.skipIf(!Bun.which("node"))("a client that is a Node script and keeps no registry", () => {
  test("is matched to the transcript of its folder that was written since it started", async () => {
    machine.transcript(two, { cwd, age: 3_600_000 })
    const client = await scriptClient(machine, cwd)
    const path = machine.transcript(one, { cwd, age: -1_000 })
    machine.transcript(sessionId(3), { cwd: "/work/other", age: -1_000 })
    const found = await sessions()
    const live = found.filter((each: { pid: number | null }) => each.pid !== null)
    expect(live).toMatchObject([
      { id: one, pid: client.pid, transcript: path, state: "ACTIVE", detail: "waiting for you", cwd },
    ])
    expect(says(live[0])).toContain("the only transcript")
    expect(found).toHaveLength(3)
  })

  test("that fits no transcript is live without an id", async () => {
    const client = await scriptClient(machine, cwd)
    machine.transcript(one, { cwd, age: 3_600_000 })
    const live = (await sessions()).find((each: { pid: number | null }) => each.pid === client.pid)
    expect(live).toMatchObject({ id: null, transcript: null, state: "ACTIVE", cwd, flags: ["no-terminal"] })
    expect(says(live)).toContain("start-up question")
    expect((await machine.run(["export", String(client.pid), "--json"])).json.exports).toMatchObject([
      { id: null, status: "empty" },
    ])
  })

  test("that fits two transcripts says ambiguous, and an export of it saves both", async () => {
    const client = await scriptClient(machine, cwd)
    const paths = [one, two].map((id) => machine.transcript(id, { cwd, age: -1_000 }))
    const found = await sessions()
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({
      id: null,
      transcript: null,
      pid: client.pid,
      flags: ["ambiguous", "no-terminal"],
    })
    const candidates = found[0].candidates.map((each: { transcript: string }) => each.transcript)
    expect(candidates.toSorted()).toEqual(paths.toSorted())
    expect(says(found[0])).toContain("ambiguous")
    for (const name of [String(client.pid), one, paths[0] ?? ""]) {
      const { json } = await machine.run(["export", name, "--json"])
      expect(json.exports.map((each: { id: string }) => each.id).toSorted()).toEqual([one, two])
    }
  })

  test("two of them in one folder: neither is guessed", async () => {
    const clients = [await scriptClient(machine, cwd), await scriptClient(machine, cwd)]
    const path = machine.transcript(one, { cwd, age: -1_000 })
    const found = await sessions()
    expect(found.map((each: { pid: number }) => each.pid).toSorted()).toEqual(
      clients.map(({ pid }) => pid).toSorted(),
    )
    for (const each of found) {
      expect(each).toMatchObject({ id: null, flags: ["ambiguous", "no-terminal"], candidates: [{ id: one }] })
      expect(says(each)).toContain("2 clients")
    }
    const { code, stderr } = await machine.run(["export", path])
    expect(code).toBe(2)
    for (const { pid } of clients) expect(stderr).toContain(`pid ${pid}`)
    expect((await machine.run(["export", "--json"])).json.exports).toHaveLength(1)
  })

  test("mid-turn and silent for too long is HUNG, and the evidence says that only the silence is known", async () => {
    await scriptClient(machine, cwd)
    machine.transcript(one, { cwd, age: -1_000, open: true })
    expect((await sessions())[0]).toMatchObject({ state: "ACTIVE", detail: "working" })
    machine.transcript(one, { cwd, age: 0, open: true })
    const [hung] = await sessions("--hung-after", "1ms")
    expect(hung).toMatchObject({ state: "HUNG", detail: "silent, cause unknown" })
    expect(says(hung)).toContain("this client gives no status")
  })
})

test.each([
  ["--resume ID", (id: string) => ["--resume", id]],
  ["--resume=ID", (id: string) => [`--resume=${id}`]],
  ["-r ID", (id: string) => ["-r", id.toUpperCase()]],
  ["--session-id ID", (id: string) => ["--session-id", id]],
])("a client without a registry file is known by its arguments: %s", async (_, args) => {
  const client = shellClient(machine, idle, { args: args(one) })
  machine.transcript(one, { age: 3_600_000 })
  const found = await sessions()
  expect(found).toMatchObject([{ id: one, pid: client.pid, state: "ACTIVE" }])
  expect(says(found[0])).toContain("its arguments name the session")
})

describe("a client whose arguments name a session, and in whose folder another was written since", () => {
  const cwd = () => join(machine.root, "folder")
  const start = () => shellClient(machine, idle, { args: ["--resume", one], cwd: cwd() })

  test("may have gone on in that one (/clear): it is ambiguous, and both are saved", async () => {
    machine.transcript(one, { cwd: cwd(), age: 3_600_000 })
    const { pid } = start()
    machine.transcript(two, { cwd: cwd(), age: -100 })
    const found = await sessions()
    expect(found).toMatchObject([{ id: null, pid, flags: expect.arrayContaining(["ambiguous"]) }])
    expect(found[0].candidates.map((each: { id: string }) => each.id)).toEqual([one, two])
    expect((await machine.run(["export", String(pid), "--json"])).json.exports).toHaveLength(2)
  })

  test("is still in the one named when that was written last", async () => {
    const { pid } = start()
    machine.transcript(two, { cwd: cwd(), age: -100 })
    machine.transcript(one, { cwd: cwd(), age: -200 })
    expect((await sessions()).find((each: { id: string }) => each.id === one)).toMatchObject({ pid })
  })
})

test("a client whose folder was renamed keeps the transcript of the old name: a candidate, saved before it ends", async () => {
  const { pid } = shellClient(machine, idle, { cwd })
  await until("it to be there", async () => (await sessions()).length === 1)
  machine.transcript(one, { cwd, age: -1_000 })
  machine.transcript(two, { cwd: machine.root, age: -1_000 }) // of a folder that is there
  renameSync(cwd, `${cwd}-2`)
  const found = (await sessions()).find((each: { pid: number | null }) => each.pid === pid)
  expect(found).toMatchObject({
    id: null,
    flags: expect.arrayContaining(["ambiguous"]),
    candidates: [{ id: one }],
  })
  expect(says(found)).toContain(`but ${one} was, in a folder that no longer exists`)
  const { json } = await machine.run(["kill", String(pid), "--force", "--json"])
  expect(json.kills).toMatchObject([{ outcome: "ended", export: { id: one, status: "verified" } }])
})

test("--resume ID --fork-session goes on under another id", async () => {
  shellClient(machine, idle, { args: ["--resume", one, "--fork-session"] })
  machine.transcript(one, { age: 3_600_000 })
  const found = await sessions()
  expect(found.find((each: { id: string }) => each.id === one)).toMatchObject({
    state: "ORPHANED",
    pid: null,
  })
})

describe("2.0's subagents, flat beside the transcript", () => {
  const subagent = (id: string, name: string) => {
    const text = conversation({ id, cwd: "/work/one", at: new Date() })
    return machine.write(join(machine.transcriptPath(id, "/work/one"), "..", name), text)
  }

  test("belong to the session that is named inside, and are none of their own", async () => {
    machine.transcript(one)
    machine.transcript(two)
    subagent(one, "agent-0123abcd.jsonl")
    subagent(one, "agent-0123abce.jsonl")
    const found = await sessions()
    expect(
      found.map((each: { id: string; footprintFiles: number }) => [each.id, each.footprintFiles]),
    ).toEqual([
      [one, 3],
      [two, 1],
    ])
  })

  test("are all that is left of a session whose transcript is missing", async () => {
    subagent(one, "agent-0123abcd.jsonl")
    expect(await sessions()).toMatchObject([
      { id: one, transcript: null, state: "ORPHANED", detail: "subagents only", footprintFiles: 1 },
    ])
    expect((await machine.run(["export", one])).code).toBe(0)
  })
})
