/** Documents of Gemini CLI's old versions, which it writes whole each time: what contains what is judged by records. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { addChat } from "../../fixtures/gemini/client.ts"
import { messagesOf, oldChat } from "../../fixtures/gemini/talk.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"

let machine: Machine
let cwd: string
let path: string
const id = sessionId(1)
const at = new Date(Date.now() - 60_000)
const name = `session-2026-01-31T23-59-${id.slice(0, 8)}.json`
const document = (last: "done" | "open", more = {}) => oldChat({ id, cwd, at, last }, more)

beforeEach(() => {
  machine = new Machine()
  cwd = join(machine.root, "work")
  mkdirSync(cwd)
  path = addChat(machine, { id, cwd, name, text: document("done") })
})
afterEach(() => machine.dispose())

async function exported(): Promise<string> {
  const { json, code } = await machine.run(["export", id, "--json"])
  expect([code, json.exports[0].status]).toEqual([0, "verified"])
  return json.exports[0].path
}

test("a newer one with all records is what is restored, though no byte of it is where it was", async () => {
  await exported()
  writeFileSync(path, document("open", { lastUpdated: new Date().toISOString() }))
  const newest = await exported()
  rmSync(path)
  expect((await machine.run(["restore", id])).code).toBe(0)
  expect(readFileSync(path)).toEqual(readFileSync(newest))
})

test("one that has lost records is no continuation: the person chooses", async () => {
  await exported()
  const messages = [...messagesOf({ id, cwd, at }).slice(-1), ...messagesOf({ id: sessionId(2), cwd, at })]
  writeFileSync(path, document("done", { messages }))
  await exported()
  rmSync(path)
  const { code, stderr } = await machine.run(["restore", id])
  expect([code, stderr]).toEqual([2, expect.stringContaining("diverged")])
})

test("one that stands there with more records is left alone; one with others is not replaced without --force", async () => {
  await exported()
  writeFileSync(path, document("open"))
  const { json } = await machine.run(["restore", id, "--json"])
  expect(json.restore.files[0].outcome).toBe("existing-is-longer")
  writeFileSync(path, document("done", { messages: [] }))
  expect((await machine.run(["restore", id])).code).toBe(4)
})

test("prune removes an export whose records a newer one has, and none that has more", async () => {
  const first = await exported()
  writeFileSync(path, document("open"))
  const second = await exported()
  writeFileSync(path, document("done", { messages: messagesOf({ id, cwd, at }).slice(1) }))
  const third = await exported()
  expect((await machine.run(["prune"])).code).toBe(0)
  expect([first, second, third].map((each) => existsSync(each))).toEqual([false, true, true])
})

test("a shorter one is not said to have shrunk; unchanged, it is not copied again", async () => {
  await exported()
  writeFileSync(path, JSON.stringify(JSON.parse(document("done")))) // the same without spaces
  const { json } = await machine.run(["status", "--all", "--json"])
  expect(json.sessions[0].flags).not.toContain("shrunk")
  await exported()
  const { json: again } = await machine.run(["export", id, "--verify", "--json"])
  expect(again.exports[0].status).toBe("unchanged")
})

test("what was said in it is found, with its place in the file, and shown around a hit", async () => {
  writeFileSync(
    path,
    oldChat({ id, cwd, at, prompt: "where is the xylophone" }, { summary: "Old instruments" }),
  )
  expect((await machine.run(["cx", "--live", "--json"])).code).toBe(0)
  const { json } = await machine.run(["cxq", "xylophone", "--json"])
  expect(json.hits).toMatchObject([{ session: id, agent: "gemini", role: "user" }])
  const { stdout } = await machine.run(["show", id])
  expect(stdout).toContain("where is the xylophone")
  expect(stdout).toContain("run_shell_command make test")
  const around = await machine.run(["show", id, "--around", String(json.hits[0].part)])
  expect([around.code, around.stdout]).toEqual([0, expect.stringContaining("It is mended.")])
  expect((await machine.run(["status", "--all", "--json"])).json.sessions[0].title).toBe("Old instruments")
})

test("written on by a newer client in a file beside it, both are one session", async () => {
  addChat(machine, { id, cwd, age: 0, name: name.replace(".json", ".jsonl") })
  const { json } = await machine.run(["status", "--all", "--json"])
  expect(json.sessions).toMatchObject([{ id, transcript: path.replace(/json$/, "jsonl") }])
  const { json: saved } = await machine.run(["export", id, "--json"])
  const { files } = await Bun.file(saved.exports[0].manifest).json()
  expect(files.map(({ source }: { source: string }) => source)).toContain(path)
})

test("its tokens are counted", async () => {
  const { json } = await machine.run(["usage", "--json"])
  expect(json.all ?? json.total).toMatchObject({ answers: 2, input: 1200, cacheRead: 800, output: 50 })
})
