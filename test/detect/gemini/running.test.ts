/** Which process of Gemini CLI has which session, as far as that can be told, and what ends with it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, readFileSync, unlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { addChat, gemini } from "../../fixtures/gemini/client.ts"
import { chat, chatWithoutHead, lines, newChat } from "../../fixtures/gemini/talk.ts"
import { binary, Machine, type StartedProgram } from "../../fixtures/machine.ts"
import { childrenOf, statOf } from "../../fixtures/processes.ts"
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
/** A moment after a process was started just now, as its client makes its file. */
const soon = (seconds: number) => new Date(Date.now() + 1000 * seconds)

test("the session that its command line names", async () => {
  addChat(machine, { id: one, cwd })
  addChat(machine, { id: two, cwd })
  const { pid } = await gemini(machine, { words: ["--resume", one], cwd })
  const found = await sessions()
  expect(byId(found, one)).toMatchObject({ pid, state: "ACTIVE", detail: "waiting for you" })
  expect(says(byId(found, one) as never)).toContain("command line")
  expect(byId(found, two)).toMatchObject({ pid: null })
})

test("the one that was begun in its folder shortly after its start", async () => {
  addChat(machine, { id: two, cwd })
  const { pid } = await gemini(machine, { cwd })
  addChat(machine, { id: one, cwd, startedAt: soon(4), age: 0 })
  const found = await sessions()
  expect(byId(found, one)).toMatchObject({ pid, state: "ACTIVE" })
  expect(says(byId(found, one) as never)).toContain("after this process started")
})

test("one in which nothing was said waits for its first prompt; before it has a file, there is nothing to lose", async () => {
  const { pid } = await gemini(machine, { cwd })
  expect(await sessions()).toMatchObject([{ id: null, pid, transcript: null, state: "ACTIVE" }])
  const startedAt = soon(4)
  addChat(machine, {
    id: one,
    cwd,
    age: 0,
    startedAt,
    text: newChat({ id: one, cwd, at: new Date(), startedAt }),
  })
  expect(await sessions()).toMatchObject([{ id: one, pid, title: null, detail: "waiting for you" }])
})

describe("two clients in one folder", () => {
  async function both(): Promise<StartedProgram[]> {
    const clients = [await gemini(machine, { cwd }), await gemini(machine, { cwd })]
    addChat(machine, { id: one, cwd, startedAt: soon(4), age: 0 })
    addChat(machine, { id: two, cwd, startedAt: soon(5), age: 0 })
    return clients
  }

  test("started together: each has one of two, and neither is guessed", async () => {
    const pids = (await both()).map(({ pid }) => pid)
    const found = await sessions()
    expect(found.map(({ pid }: { pid: number }) => pid).toSorted()).toEqual(pids.toSorted())
    for (const each of found) {
      expect(each).toMatchObject({ id: null, flags: expect.arrayContaining(["ambiguous"]) })
      expect(says(each)).toContain("one of these 2")
    }
  })

  test("one of them ended: both sessions are saved first, and the other lives", async () => {
    const [client, other] = (await both()) as [StartedProgram, StartedProgram]
    const { json } = await machine.run(["kill", String(client.pid), "--force", "--json"])
    expect(json.kills).toMatchObject([{ outcome: "ended", pid: client.pid }])
    const saved = json.kills[0].exports.map(({ id }: { id: string }) => id)
    expect(saved.toSorted()).toEqual([one, two].toSorted())
    expect(isAlive(other.pid)).toBe(true)
  })

  test("where the file of one was made before the other was started, each has its own", async () => {
    const first = await gemini(machine, { cwd })
    const made = soon(0.7)
    addChat(machine, { id: one, cwd, startedAt: made, age: 0 })
    await until("the first one's file to be made", () => Date.now() > made.getTime())
    const second = await gemini(machine, { cwd })
    addChat(machine, { id: two, cwd, startedAt: soon(4), age: 0 })
    const found = await sessions()
    expect([byId(found, one), byId(found, two)]).toMatchObject([{ pid: first.pid }, { pid: second.pid }])
  })
})

test("a title that it writes to another session makes that none of its own", async () => {
  const path = addChat(machine, { id: two, cwd, age: 3_600_000 })
  const { pid } = await gemini(machine, { cwd })
  addChat(machine, { id: one, cwd, startedAt: soon(4), age: 0 })
  appendFileSync(
    path,
    lines([{ $set: { summary: "Login page mended", lastUpdated: soon(5).toISOString() } }]),
  )
  const found = await sessions("--all")
  expect(byId(found, one)).toMatchObject({ pid })
  expect(byId(found, two)).toMatchObject({ pid: null, title: "Login page mended" })
})

test("one that goes on in another session: it is said that it may be either", async () => {
  const { pid } = await gemini(machine, { cwd })
  addChat(machine, { id: one, cwd, startedAt: soon(4), age: 10 })
  addChat(machine, { id: two, cwd, startedAt: new Date(Date.now() - 3_600_000), age: -60_000 })
  const [found] = await sessions()
  expect(found).toMatchObject({ pid, id: null })
  expect(says(found)).toContain(`one of these 2: ${one} or ${two}`)
})

describe("mid-turn", () => {
  async function client(last: "open" | "call") {
    addChat(machine, { id: one, cwd, last, age: 5_000 })
    return gemini(machine, { words: ["-r", one], cwd })
  }

  test("and silent is HUNG; that it may wait for a permission is said", async () => {
    await client("call")
    const found = await until("it to be silent for long", async () => {
      const [each] = await sessions("--hung-after", "100ms")
      return each.state === "HUNG" && each
    })
    expect(says(found)).toContain("cannot be distinguished")
  })

  test("with a tool below it, it runs a tool, though that has a terminal", async () => {
    const its = await client("call")
    its.say("script -qc 'sleep 300' /dev/null </dev/null >/dev/null 2>&1 &\n")
    const tool = await until("the tool", () => childrenOf(its.pid)[0])
    const [found] = await sessions("--hung-after", "100ms")
    expect(found).toMatchObject({ state: "ACTIVE", detail: "running a tool" })
    expect(says(found)).toContain(`process ${tool}`)
  })

  test("it is at work", async () => {
    await client("open")
    expect(await sessions()).toMatchObject([{ id: one, state: "ACTIVE", detail: "working" }])
  })
})

test("what starts the client and waits for it is not a second one", async () => {
  addChat(machine, { id: one, cwd })
  const launcher = await gemini(machine, { words: ["--resume", one], cwd, launches: true })
  const [pid] = childrenOf(launcher.pid)
  expect(await sessions()).toMatchObject([{ id: one, pid }])
  const { json } = await machine.run(["kill", one, "--force", "--json"])
  expect(json.kills).toMatchObject([{ id: one, outcome: "ended", pid }])
  await launcher.exited
})

test.each([["--list-sessions"], ["mcp"]])("gemini %s holds no session", async (word) => {
  addChat(machine, { id: one, cwd })
  await gemini(machine, { words: [word], cwd })
  expect(await sessions("--all")).toMatchObject([{ id: one, pid: null }])
})

test("asked from inside, by a tool, it is CURRENT, and never ended", async () => {
  addChat(machine, { id: one, cwd, last: "call" })
  const client = await gemini(machine, {
    words: ["--resume", one],
    cwd,
    env: { SESSION_RESCUE_DATA: machine.data },
  })
  const ask = async (words: string, name: string) => {
    const out = join(machine.root, name)
    client.say(`GEMINI_CLI=1 '${binary}' ${words} >'${out}.part' 2>&1; mv '${out}.part' '${out}'\n`)
    return await until(name, async () => (await Bun.file(out).exists()) && readFileSync(out, "utf8"))
  }
  const { sessions: found } = JSON.parse(await ask("status --json", "status"))
  expect(found).toMatchObject([{ id: one, state: "CURRENT" }])
  expect(await ask(`kill ${one} --force`, "kill")).toContain("this program runs inside it")
  expect(isAlive(client.pid)).toBe(true)
})

describe("the file of a client that runs was deleted, and written on without its beginning", () => {
  async function deleted(exportFirst: boolean) {
    const path = addChat(machine, { id: one, cwd })
    addChat(machine, {
      id: one,
      cwd,
      age: 0,
      text: `${chat({ id: one, cwd, at: new Date() }).split("\n")[0]}\n`,
    })
    const { pid } = await gemini(machine, { words: ["--resume", one], cwd })
    if (exportFirst) expect((await machine.run(["export", one])).code).toBe(0)
    unlinkSync(path)
    writeFileSync(path, chatWithoutHead({ id: one, cwd, at: new Date(), prompt: "since then" }))
    return { pid, path }
  }

  test("what it held is in no export: it is not ended, and it is said what would be lost", async () => {
    const { pid } = await deleted(false)
    const { code, stdout } = await machine.run(["kill", one, "--force"])
    expect([code, stdout]).toEqual([4, expect.stringContaining("beginning")])
    expect(isAlive(pid)).toBe(true)
  })

  test("an export holds it: both are kept, and it may be ended", async () => {
    const { path } = await deleted(true)
    const { json } = await machine.run(["kill", one, "--force", "--json"])
    expect(json.kills).toMatchObject([{ id: one, outcome: "ended" }])
    const { json: list } = await machine.run(["list", "--json"])
    expect(list.exports.length).toBe(2)
    expect(readFileSync(path, "utf8")).toContain("since then")
  })
})
