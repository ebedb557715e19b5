/** What becomes of a thread of Codex: saved, deleted, put back, found, and gone on with. */
import { Database } from "bun:sqlite"
import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { readParts } from "../../../plugins/detect/codex/records/parts.ts"
import { addRollout, codexHome, threadId } from "../../fixtures/codex.ts"
import { Machine } from "../../fixtures/machine.ts"

let machine: Machine
let cwd: string
beforeEach(() => {
  machine = new Machine()
  cwd = join(machine.root, "work")
  mkdirSync(cwd)
})
afterEach(() => machine.dispose())

const [one, two] = [threadId(1), threadId(2)]

test("deleted with its subagents after an export, it is restored byte for byte", async () => {
  const paths = [addRollout(machine, { id: one, cwd }), addRollout(machine, { id: two, cwd, parent: one })]
  const before = paths.map((path) => readFileSync(path))
  const { json } = await machine.run(["export", one, "--json"])
  expect(json.exports[0].path).toStartWith(join(machine.data, "sessions-export-pending-codex"))
  rmSync(join(codexHome(machine), "sessions"), { recursive: true })
  const restored = await machine.run(["restore", one, "--json"])
  expect(restored.code).toBe(0)
  expect(paths.map((path) => readFileSync(path))).toEqual(before)
  expect(restored.json.restore.resume.command).toBe(`cd '${cwd}' && codex resume ${one}`)
})

test("the line names its home where that is not the usual one, and says when its folder is gone", async () => {
  addRollout(machine, { id: one, cwd: join(cwd, "gone") })
  const env = { CODEX_HOME: join(machine.root, "other") }
  const { json } = await machine.run(["resume", one, "--json"], { env })
  expect(json.resumes[0]).toMatchObject({
    command: `cd '${cwd}' && env -u CODEX_HOME codex resume ${one}`,
    note: expect.stringContaining("does not exist"),
  })
})

test("what was said, run and answered is found, and who said it", async () => {
  addRollout(machine, { id: one, cwd, prompt: "where is the xylophone" })
  addRollout(machine, { id: two, cwd, parent: one, prompt: "look for the zither" })
  expect((await machine.run(["cx", "--live", "--json"])).code).toBe(0)
  const search = async (...args: string[]) => (await machine.run(["cxq", ...args, "--json"])).json
  expect((await search("xylophone")).hits).toMatchObject([{ agent: "codex", session: one, role: "user" }])
  expect((await search("zither")).hits).toMatchObject([{ session: one, subagent: two.slice(-8) }])
  expect((await search("--commands")).commands).toMatchObject([{ command: "make test", outcome: "ok" }])
  const { stdout } = await machine.run(["show", one])
  expect(stdout).toContain("codex · ")
  expect(stdout).toContain("exec_command make test")
  expect(stdout).not.toContain("environment_context")
})

test("a call with arguments nested to any depth is read, and so is what comes after", () => {
  const deep = `${"[".repeat(50_000)}"bottom"${"]".repeat(50_000)}`
  const payload = { type: "function_call", name: "odd", call_id: "c", arguments: deep }
  expect(readParts({ type: "response_item", payload }, "")?.parts).toMatchObject([
    { tool: "odd", text: "bottom" },
  ])
})

test("a thread whose rollout is gone: doctor names it, its prompts are found, and an export of it is offered", async () => {
  const lost = threadId(7)
  const there = addRollout(machine, { id: threadId(8), cwd })
  const rows = new Database(join(codexHome(machine), "state_5.sqlite"))
  rows.run("create table threads (id text, rollout_path text, title text)")
  rows.run("insert into threads values (?, ?, ?), (?, ?, null)", [
    ...[lost, join(codexHome(machine), "sessions/2026/01/02/gone.jsonl"), "a lost\u001b[31m one"],
    ...[threadId(8), there],
  ])
  rows.close()
  const prompt = { session_id: lost, ts: 1_790_000_000, text: "what the kingfisher said" }
  machine.write(join(codexHome(machine), "history.jsonl"), `${JSON.stringify(prompt)}\n`)
  const finding = async () =>
    (await machine.run(["doctor", "--json"])).json.findings.find(
      (each: { topic: string }) => each.topic === "lost",
    )
  expect(await finding()).toMatchObject({ level: "advice" })
  expect((await finding()).says).toContain(`1 session that codex lists has no file any more, such as ${lost}`)
  expect((await finding()).says).toContain("none of them is exported")
  expect((await machine.run(["doctor"])).stdout).not.toContain("\u001b[31m")
  await machine.run(["cx", "--live"])
  expect((await machine.run(["cxq", "kingfisher"])).stdout).toContain("what the «kingfisher» said")
  const path = addRollout(machine, { id: lost, cwd })
  await machine.run(["export", lost])
  rmSync(path)
  expect((await finding()).next).toBe(`session-rescue restore ${lost.slice(0, 13)}`)
})

test("its tokens are counted, those from the cache apart", async () => {
  addRollout(machine, { id: one, cwd })
  const { json } = await machine.run(["usage", "--json"])
  expect(json.all ?? json.total).toMatchObject({ answers: 1, input: 600, cacheRead: 400, output: 20 })
})
