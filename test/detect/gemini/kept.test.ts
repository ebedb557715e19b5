/** What becomes of a session of Gemini CLI: saved, deleted, put back, found, and gone on with. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { addChat, geminiHome } from "../../fixtures/gemini/client.ts"
import { chat, lines, messagesOf } from "../../fixtures/gemini/talk.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"

let machine: Machine
let cwd: string
beforeEach(() => {
  machine = new Machine()
  cwd = join(machine.root, "work")
  mkdirSync(cwd)
})
afterEach(() => machine.dispose())

const [one, two] = [sessionId(1), sessionId(2)]
const stubOf = (id: string) => `${chat({ id, cwd, at: new Date() }).split("\n")[0]}\n`
const inChats = (path: string) => readdirSync(dirname(path)).filter((name) => name.startsWith("session-"))
const search = async (...args: string[]) => (await machine.run(["cxq", ...args, "--json"])).json

test("its home deleted after an export, it is restored byte for byte, with the line that goes on with it", async () => {
  const path = addChat(machine, { id: one, cwd })
  const child = machine.write(
    join(dirname(path), one, `${two}.jsonl`),
    chat({ id: two, cwd, at: new Date(), kind: "subagent" }),
  )
  const before = [path, child].map((each) => readFileSync(each))
  const { json } = await machine.run(["export", one, "--json"])
  expect(json.exports[0].path).toStartWith(join(machine.data, "sessions-export-pending-gemini"))
  rmSync(geminiHome(machine), { recursive: true })
  const restored = await machine.run(["restore", one, "--json"])
  expect(restored.code).toBe(0)
  expect([path, child].map((each) => readFileSync(each))).toEqual(before)
  expect(restored.json.restore.resume).toMatchObject({
    command: `cd '${cwd}' && gemini --resume ${one}`,
    note: expect.stringContaining("only from this folder"),
  })
})

describe("a second file of its id", () => {
  test("stays in the export: only the larger one is put back", async () => {
    const path = addChat(machine, { id: one, cwd })
    const stub = addChat(machine, { id: one, cwd, age: 0, text: stubOf(one) })
    await machine.run(["export", one])
    for (const each of [path, stub]) rmSync(each)
    const { json, code } = await machine.run(["restore", one, "--json"])
    expect([code, inChats(path).length, existsSync(path)]).toEqual([0, 1, true])
    const left = json.restore.files.find(({ outcome }: { outcome: string }) => outcome === "skipped")
    expect(left.why).toContain("stays in the export")
  })

  test("that stands there stops a restore, also with --force; moved away, it works", async () => {
    const path = addChat(machine, { id: one, cwd })
    await machine.run(["export", one])
    rmSync(path)
    const stub = addChat(machine, { id: one, cwd, age: 0, text: stubOf(one) })
    for (const more of [[], ["--force"]]) {
      const { code, stderr } = await machine.run(["restore", one, ...more])
      expect([code, stderr]).toEqual([4, expect.stringContaining(`mv '${stub}'`)])
      expect(inChats(path).length).toBe(1)
    }
    renameSync(stub, `${stub}.aside`)
    expect((await machine.run(["restore", one])).code).toBe(0)
    expect(existsSync(path)).toBe(true)
  })

  test("--to unpacks both", async () => {
    const path = addChat(machine, { id: one, cwd })
    addChat(machine, { id: one, cwd, age: 0, text: stubOf(one) })
    await machine.run(["export", one])
    expect((await machine.run(["restore", one, "--to", join(machine.root, "out")])).code).toBe(0)
    expect(inChats(join(machine.root, "out", path.slice(geminiHome(machine).length))).length).toBe(2)
  })
})

test("GEMINI_CLI_HOME in the line names the folder above; without its own folder there is no line", async () => {
  addChat(machine, { id: one, cwd })
  const env = { GEMINI_CLI_HOME: join(machine.root, "other") }
  const { json } = await machine.run(["resume", one, "--json"], { env })
  expect(json.resumes[0].command).toBe(`cd '${cwd}' && env -u GEMINI_CLI_HOME gemini --resume ${one}`)
  rmSync(cwd, { recursive: true })
  const { json: gone } = await machine.run(["resume", one, "--json"])
  expect(gone.resumes[0]).toMatchObject({ command: null, reason: expect.stringContaining("does not exist") })
})

describe("what was said", () => {
  test("is found once, however often it is written, with what was run and answered", async () => {
    const path = addChat(machine, { id: one, cwd, prompt: "where is the xylophone" })
    const again = messagesOf({ id: one, cwd, at: new Date(), prompt: "where is the xylophone" })
    appendFileSync(
      path,
      lines([{ $set: { messages: again.slice(0, 2) } }, { $set: { summary: "Xylophones" } }]),
    )
    machine.write(
      join(dirname(path), one, `${two}.jsonl`),
      chat({ id: two, cwd, at: new Date(), kind: "subagent", prompt: "look for the zither" }),
    )
    expect((await machine.run(["cx", "--live", "--json"])).code).toBe(0)
    expect((await search("xylophone", "--role", "user")).hits).toMatchObject([
      { agent: "gemini", session: one },
    ])
    expect((await search("zither")).hits).toMatchObject([{ session: one, subagent: two.slice(0, 8) }])
    expect((await search("--commands")).commands).toMatchObject([
      { command: "make test", outcome: "ok" },
      { command: "make test", outcome: "ok" },
    ])
    const { stdout } = await machine.run(["show", one])
    expect(stdout.split("It is mended.").length - 1).toBe(2) // once in each of its two conversations
    expect(stdout.split("where is the xylophone").length - 1).toBe(1)
    expect(stdout).toContain("run_shell_command make test")
  })

  test("before a compaction stays findable, and what replaced it is found", async () => {
    const path = addChat(machine, { id: one, cwd, prompt: "where is the xylophone" })
    const summary = {
      id: "s",
      timestamp: new Date().toISOString(),
      type: "user",
      content: "the bassoon summary",
    }
    appendFileSync(path, lines([{ $set: { messages: [summary] } }]))
    await machine.run(["cx", "--live"])
    for (const word of ["xylophone", "bassoon"])
      expect((await search(word)).hits).toMatchObject([{ session: one }])
  })

  test("in a session that is gone is found where its folder's prompts are kept", async () => {
    const path = addChat(machine, { id: two, cwd })
    const entry = {
      sessionId: one,
      messageId: 0,
      type: "user",
      message: "the vanished harpsichord",
      timestamp: new Date(),
    }
    machine.write(join(dirname(path), "../logs.json"), JSON.stringify([entry], null, 2))
    await machine.run(["cx", "--live"])
    expect((await search("harpsichord")).hits).toMatchObject([{ session: one, agent: "gemini" }])
  })
})

test("its tokens are counted once an answer, those from the cache apart", async () => {
  addChat(machine, { id: one, cwd })
  const { json } = await machine.run(["usage", "--json"])
  expect(json.all ?? json.total).toMatchObject({ answers: 2, input: 1200, cacheRead: 800, output: 50 })
})
