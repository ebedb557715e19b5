import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, rmSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { idle, shellClient } from "../../fixtures/fake-clients.ts"
import { Machine } from "../../fixtures/machine.ts"
import { statOf } from "../../fixtures/processes.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const [one, two] = [sessionId(1), sessionId(2)]

async function sessions() {
  const { json, code } = await machine.run(["status", "--json"])
  expect([code, json.warnings]).toEqual([0, []])
  return json.sessions
}

const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")

describe("a registry file whose pid now belongs to another process", () => {
  test("that is no client: the session has crashed", async () => {
    const other = machine.start(["sleep", "300"])
    machine.registry({ ...other, procStart: "1" }, one, { startedAt: 1 })
    machine.transcript(one)
    const [found] = await sessions()
    expect(found).toMatchObject({ id: one, state: "ORPHANED", detail: "crashed", pid: null })
    expect(says(found)).toContain("its pid now belongs to another process")
  })

  test("that is another client: it is not taken for that session, and the evidence says what was rejected", async () => {
    const client = await machine.client()
    machine.registry({ ...client, procStart: "1" }, one, { startedAt: 1 })
    machine.transcript(one)
    const found = await sessions()
    const live = found.find((each: { pid: number }) => each.pid === client.pid)
    expect(live).toMatchObject({ id: null, state: "ACTIVE" })
    expect(says(live)).toContain(`names ${one}, but its pid now belongs to another process`)
    const left = found.find((each: { id: string }) => each.id === one)
    expect(left).toMatchObject({ state: "ORPHANED", detail: "crashed", pid: null })
  })
})

describe("a registry file that was left behind", () => {
  test.each([
    ["idle", false, "crashed"],
    ["idle", true, "crashed mid-turn"],
    ["busy", false, "crashed mid-turn"],
  ])("while %s, transcript open %p: %s", async (status, open, detail) => {
    const client = await machine.client()
    machine.registry(client, one, { status })
    machine.transcript(one, { open })
    await client.end()
    const [found] = await sessions()
    expect(found).toMatchObject({ id: one, state: "ORPHANED", detail, pid: null, tty: null })
    expect(says(found)).toContain(`sessions/${client.pid}.json is left over: its process has exited`)
  })

  test("without a transcript leaves nothing to show", async () => {
    const client = await machine.client()
    machine.registry(client, one)
    await client.end()
    expect(await sessions()).toEqual([])
  })
})

describe("a client that starts to resume a session, and is registered under a new id meanwhile", () => {
  const start = () => {
    const client = shellClient(machine, idle, { args: ["--resume", `/home/someone/${one}.jsonl`] })
    machine.registry({ pid: client.pid, procStart: statOf(client.pid)[19] ?? "" }, two)
    machine.transcript(one, { age: 3_600_000 })
    return client
  }

  test("holds the session that its arguments name", async () => {
    const { pid } = start()
    const [found] = await sessions()
    expect(found).toMatchObject({ id: one, pid, state: "ACTIVE" })
    expect(says(found)).toContain(`still names ${two}, which has no file`)
  })

  test("holds the registered one as soon as that has a file: it has gone on in it (/clear)", async () => {
    const { pid } = start()
    machine.transcript(two)
    expect((await sessions()).find((each: { id: string }) => each.id === two)).toMatchObject({ pid })
  })
})

test("a registry file of another machine that shares the home: written from elsewhere", async () => {
  machine.registry({ pid: 999_999, procStart: "99999999999" }, one)
  machine.transcript(one)
  const [found] = await sessions()
  expect(found).toMatchObject({ state: "ORPHANED", detail: "written from elsewhere" })
  expect(says(found)).toContain("another machine (a shared home), or before")
})

test.each([0, 1, 40, 120])(
  "a registry file of which %d bytes were written: its client is alive, and known by its folder",
  async (length) => {
    const cwd = join(machine.root, "shop")
    const client = await machine.client({ cwd })
    machine.transcript(one, { cwd, age: -1500 }) // when a process started is known to a second only
    truncateSync(machine.registry(client, one, { cwd }), length)
    const found = await sessions()
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ id: one, pid: client.pid, state: "ACTIVE", detail: "waiting for you" })
    expect(says(found[0])).toContain("no entry that can be read for this process")
  },
)

test("a registry file without a status (an SDK session) is live and waits", async () => {
  const client = await machine.client()
  machine.registry(client, one, {
    status: undefined,
    kind: "sdk",
    updatedAt: undefined,
    statusUpdatedAt: undefined,
  })
  machine.transcript(one)
  const [found] = await sessions()
  expect(found).toMatchObject({ id: one, state: "ACTIVE", detail: "waiting for you", pid: client.pid })
  expect(says(found)).toContain("reports no status")
})

test("unknown statuses and fields of a later version are no trouble", async () => {
  const client = await machine.client()
  machine.registry(client, one, {
    status: "dreaming",
    waitingFor: 7,
    updatedAt: "now",
    cwd: null,
    more: { a: [] },
  })
  machine.transcript(one)
  expect(await sessions()).toMatchObject([{ id: one, state: "ACTIVE", detail: "waiting for you" }])
})

describe("what is not known in a registry file is quoted, and nothing is concluded from it", () => {
  const evidence = async (more: Record<string, unknown>) => {
    machine.registry(await machine.client(), one, more)
    machine.transcript(one)
    const [found] = await sessions()
    expect(found).toMatchObject({ id: one, state: "ACTIVE", detail: "waiting for you" })
    return says(found)
  }

  test.each([
    [{ status: "parked" }, 'status "parked"'],
    [{ status: "parked", waitingFor: "the moon" }, 'waitingFor "the moon"'],
    [{ status: "waiting", waitingFor: "permission to dream" }, 'waitingFor "permission to dream"'],
    [{ kind: "hologram" }, 'kind "hologram"'],
    [{ kind: 7 }, "kind 7"],
  ])("%j, of a client newer than those tried", async (more, quoted) => {
    const newer = "(client 9.0.0 is newer than those tried, newest 2.1.332)"
    expect(await evidence({ ...more, version: "9.0.0" })).toContain(
      `${quoted} is not known to this version ${newer}`,
    )
  })

  test.each([
    ["2.1.197", "(client 2.1.197)"],
    [null, "(its client does not give its version)"],
  ])("of client %p, too", async (version, client) => {
    expect(await evidence({ status: "parked", version })).toContain(
      `status "parked" is not known to this version ${client}`,
    )
  })

  test("what is known is quoted nowhere", async () => {
    expect(await evidence({ version: "9.0.0" })).not.toContain("not known")
  })
})

test("garbage among the registry files is passed over", async () => {
  const folder = join(machine.claude, "sessions")
  const client = await machine.client()
  machine.registry(client, one)
  const good = JSON.stringify({ pid: client.pid, procStart: client.procStart, sessionId: two })
  machine.write(join(folder, `pid-${client.pid}.json`), good)
  machine.write(join(folder, `${client.pid}.json.tmp`), good)
  machine.write(join(folder, "1.json"), good.replace(`${client.pid}`, "1"))
  machine.write(join(folder, "101.json"), "{")
  machine.write(join(folder, "102.json"), "null")
  machine.write(join(folder, "103.json"), "[]")
  machine.write(join(folder, "104.json"), "")
  machine.write(join(folder, "105.json"), '{"sessionId":"../../etc/passwd","procStart":1}')
  machine.write(join(folder, "106.json"), new Uint8Array(2 << 20))
  machine.write(join(folder, "-5.json"), good)
  mkdirSync(join(folder, "107.json"))
  expect(await sessions()).toMatchObject([{ id: one, pid: client.pid }])
})

test("two processes on one id are two entries, both marked", async () => {
  const clients = [await machine.client(), await machine.client()]
  for (const client of clients) machine.registry(client, one)
  machine.transcript(one)
  const found = await sessions()
  expect(found.map((each: { pid: number }) => each.pid).toSorted()).toEqual(
    clients.map(({ pid }) => pid).toSorted(),
  )
  for (const each of found)
    expect(each).toMatchObject({ id: one, flags: ["duplicate-writer", "no-terminal"] })
  const { json } = await machine.run(["export", "--json"])
  expect(json.exports).toHaveLength(1)
})

test("after /clear the new id is live without a transcript, and the old conversation is closed", async () => {
  const client = await machine.client()
  machine.registry(client, two)
  machine.transcript(one)
  const found = await sessions()
  expect(found).toHaveLength(2)
  expect(found.find((each: { id: string }) => each.id === two)).toMatchObject({
    state: "ACTIVE",
    transcript: null,
    pid: client.pid,
    footprintFiles: 0,
  })
  expect(found.find((each: { id: string }) => each.id === one)).toMatchObject({
    state: "ORPHANED",
    detail: "closed",
    pid: null,
  })
})

test("one id in two folders: the one of the client's own folder is its session", async () => {
  const client = await machine.client()
  machine.registry(client, one, { cwd: "/work/two" })
  const [other, own] = [machine.transcript(one), machine.transcript(one, { cwd: "/work/two" })]
  const found = await sessions()
  const live = found.find((each: { pid: number }) => each.pid === client.pid)
  expect(live).toMatchObject({ transcript: own, id: one })
  expect(says(live)).toContain(`${other}: same id, other folder`)
  expect(found.find((each: { pid: number | null }) => each.pid === null)).toMatchObject({ transcript: other })
})

test("a client whose program was replaced by an update while it runs", async () => {
  const program = "share/claude/versions/2.1.196"
  const client = shellClient(machine, idle, { name: program, args: ["--resume", one] })
  rmSync(join(machine.root, program))
  machine.transcript(one)
  expect(await sessions()).toMatchObject([{ id: one, pid: client.pid, state: "ACTIVE" }])
})

test("a client called by its version, as the native install does", async () => {
  const client = await machine.client({ program: "share/claude/versions/2.1.197" })
  machine.registry(client, one)
  machine.transcript(one)
  expect(await sessions()).toMatchObject([{ id: one, pid: client.pid }])
  const unregistered = shellClient(machine, idle, {
    name: "share/claude/versions/2.2.0-beta.1",
    args: ["--resume", two],
  })
  machine.transcript(two)
  expect((await sessions()).map((each: { pid: number }) => each.pid)).toContain(unregistered.pid)
})
