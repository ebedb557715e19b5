/** Qwen Code: chats without a process, clients by their open chat and the registry, and what becomes of a chat. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { addChat, qwen, qwenToken, register } from "../../fixtures/agents/qwen.ts"
import { Machine } from "../../fixtures/machine.ts"
import { childrenOf, statOf } from "../../fixtures/processes.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"

let machine: Machine
let cwd: string
beforeEach(() => {
  machine = new Machine()
  cwd = join(machine.root, "work")
  mkdirSync(cwd)
})
afterEach(() => machine.dispose())

const [one, two] = [sessionId(1), sessionId(2)]
const noProcess = 4_194_400

async function sessions(...args: string[]) {
  return (await machine.run(["status", "--all", "--json", ...args])).json.sessions
}
const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")
const byId = (found: { id: string }[], id: string) => found.find((each) => each.id === id)

test.each([
  ["done", "closed", "the model spoke last"],
  ["open", "ended mid-turn", "the model has not answered yet"],
  ["call", "ended mid-turn", "run_shell_command was called and has no result"],
] as const)("a chat whose last turn is %s is %s", async (last, detail, message) => {
  addChat(machine, { id: one, cwd, last })
  const [found] = await sessions()
  expect(found).toMatchObject({
    ...{ id: one, agent: "qwen", state: "ORPHANED", detail, cwd, version: "0.24.4", gitBranch: "main" },
    ...{ title: "please mend the login page", contextTokens: 1020 },
  })
  expect(says(found)).toContain(message)
})

describe("an entry of the registry", () => {
  test("whose process is gone proves a crash", async () => {
    addChat(machine, { id: one, cwd })
    register(machine, { pid: noProcess, tick: "1", id: one, cwd })
    const [found] = await sessions()
    expect(found).toMatchObject({ id: one, detail: "crashed" })
    expect(says(found)).toContain(
      `sessions/${noProcess}.json is left behind: process ${noProcess} does not exist`,
    )
  })

  test("whose number another Qwen Code has by now proves it, too", async () => {
    addChat(machine, { id: one, cwd, last: "call" })
    const { pid } = await qwen(machine, { cwd })
    register(machine, { pid, tick: "1", id: one, cwd })
    const found = await sessions()
    expect(byId(found, one)).toMatchObject({ pid: null, detail: "crashed mid-turn" })
    expect(says(byId(found, one) as never)).toContain("another Qwen Code, started since")
  })

  test("that is damaged says nothing, and hides nothing", async () => {
    addChat(machine, { id: one, cwd })
    machine.write(join(machine.home, `.qwen/sessions/${noProcess}.json`), '{"sessionId":"')
    expect(await sessions()).toMatchObject([{ id: one, detail: "closed" }])
  })
})

test("a client has the chat that it has open and is registered for; a tool below it is seen", async () => {
  const chat = addChat(machine, { id: one, cwd, last: "call", age: 5_000 })
  addChat(machine, { id: two, cwd })
  const client = await qwen(machine, { chat, cwd })
  register(machine, { pid: client.pid, tick: client.procStart, id: one, cwd })
  const hung = async () => {
    const seen = await sessions("--hung-after", "100ms")
    return (byId(seen, one) as { state?: string }).state === "HUNG" && seen // once it has started, it does nothing
  }
  const found = await until("it to be HUNG", hung)
  expect(byId(found, one)).toMatchObject({ pid: client.pid, state: "HUNG" })
  expect(says(byId(found, one) as never)).toContain("has its chat open, and the registry")
  expect(byId(found, two)).toMatchObject({ pid: null })
  client.say("tool\n")
  await until("the tool", () => childrenOf(client.pid)[0])
  expect(byId(await sessions("--hung-after", "100ms"), one)).toMatchObject({ detail: "running a tool" })
})

test("a client that works in another home is found with its chat", async () => {
  const moved = join(machine.root, "elsewhere")
  addChat(machine, { id: one, cwd })
  renameSync(join(machine.home, ".qwen"), moved)
  const { pid } = await qwen(machine, { cwd, args: ["--resume", one], home: moved })
  expect(await sessions()).toMatchObject([{ id: one, pid, home: moved }])
})

test("its arguments name a resumed one that is in no registry", async () => {
  addChat(machine, { id: one, cwd })
  const { pid } = await qwen(machine, { cwd, args: ["--resume", one] })
  const [found] = await sessions()
  expect(found).toMatchObject({ id: one, pid, state: "ACTIVE", detail: "waiting for you" })
  expect(says(found)).toContain("its arguments name it")
})

test("from inside its own tool its variable names it: CURRENT, and never ended", async () => {
  const chat = addChat(machine, { id: one, cwd, last: "call" })
  const { pid } = await qwen(machine, { chat, cwd })
  const env = { QWEN_CODE_SESSION_ID: one }
  expect((await machine.run(["status", "--json"], { env })).json.sessions).toMatchObject([
    { id: one, state: "CURRENT", pid },
  ])
  const kill = await machine.run(["kill", one, "--force"], { env })
  expect([kill.code, kill.stdout]).toEqual([4, expect.stringContaining("QWEN_CODE_SESSION_ID names it")])
  expect(statOf(pid)[0]).not.toBe("Z")
})

test("deleted after an export it is restored, without the registry and its token, and found", async () => {
  const path = addChat(machine, { id: one, cwd, prompt: "where is the xylophone" })
  register(machine, { pid: noProcess, tick: "1", id: one, cwd })
  const before = readFileSync(path)
  const { json } = await machine.run(["export", one, "--json"])
  expect(await Bun.file(json.exports[0].manifest).text()).not.toContain("sessions/")
  rmSync(join(machine.home, ".qwen"), { recursive: true })
  const restored = await machine.run(["restore", one, "--json"])
  expect([restored.code, readFileSync(path)]).toEqual([0, before])
  expect(restored.json.restore.resume.command).toBe(`cd '${cwd}' && qwen --resume ${one}`)
  expect((await machine.run(["cx", "--live", "--json"])).code).toBe(0)
  expect((await machine.run(["cxq", "xylophone", "--json"])).json.hits).toMatchObject([
    { agent: "qwen", session: one, role: "user" },
  ])
  expect((await machine.run(["cxq", "--commands", "--json"])).json.commands).toMatchObject([
    { command: "make test" },
  ])
  for await (const file of new Bun.Glob("**/*").scan({ cwd: machine.data, dot: true }))
    expect(readFileSync(join(machine.data, file)).includes(qwenToken)).toBe(false)
})

test("without its folder there is no line: the client finds it only from there", async () => {
  addChat(machine, { id: one, cwd: join(cwd, "gone") })
  const { json } = await machine.run(["resume", one, "--json"])
  expect(json.resumes[0]).toMatchObject({
    command: null,
    reason: expect.stringContaining("finds it only from"),
  })
})

test("its tokens are counted, and half a record with a whole one behind it is read", async () => {
  const path = addChat(machine, { id: one, cwd, last: "open" })
  const last = readFileSync(addChat(machine, { id: two, cwd }), "utf8")
    .trimEnd()
    .split("\n")
    .at(-2)
  appendFileSync(path, `{"uuid":"x","type":"assistant","message":{"parts":[{"te${last}\n`)
  expect(byId(await sessions(), one)).toMatchObject({ detail: "closed", flags: ["corrupt"] })
  const { json } = await machine.run(["usage", "--json"])
  expect(json.all ?? json.total).toMatchObject({ input: 1200, cacheRead: 800, output: 40 })
})
