/** What becomes of a session of Copilot: saved, deleted, put back, found, and gone on with. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { readParts } from "../../../plugins/detect/copilot/events/parts.ts"
import { addCopilot, copilotFolder, leaveLock } from "../../fixtures/agents/copilot.ts"
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

const one = sessionId(1)

test("deleted after an export, it is restored byte for byte, without the mark of a client", async () => {
  const paths = [addCopilot(machine, { id: one, cwd, left: true })]
  leaveLock(machine, one, 4_194_400)
  const folder = copilotFolder(machine, one)
  const kept = ["workspace.yaml", "checkpoints/index.md", "rewind-file-snapshots/backups/a-1"]
  machine.write(join(folder, kept[2] ?? ""), "before\n")
  paths.push(...kept.map((name) => join(folder, name)))
  const before = paths.map((path) => readFileSync(path))
  const { json } = await machine.run(["export", one, "--json"])
  expect(json.exports[0].path).toStartWith(join(machine.data, "sessions-export-pending-copilot"))
  expect(await Bun.file(json.exports[0].manifest).text()).not.toContain("inuse.")
  rmSync(join(machine.home, ".copilot"), { recursive: true })
  const restored = await machine.run(["restore", one, "--json"])
  expect(restored.code).toBe(0)
  expect(paths.map((path) => readFileSync(path))).toEqual(before)
  expect(existsSync(join(folder, "inuse.4194400.lock"))).toBe(false)
  expect(restored.json.restore.resume.command).toBe(`cd '${cwd}' && copilot --resume=${one}`)
})

test("what was said, run and answered is found, and who said it", async () => {
  addCopilot(machine, { id: one, cwd, left: true, prompt: "where is the xylophone" })
  expect((await machine.run(["cx", "--live", "--json"])).code).toBe(0)
  const search = async (...args: string[]) => (await machine.run(["cxq", ...args, "--json"])).json
  expect((await search("xylophone")).hits).toMatchObject([{ agent: "copilot", session: one, role: "user" }])
  expect((await search("--commands")).commands).toMatchObject([{ command: "make test", outcome: "ok" }])
  const { stdout } = await machine.run(["show", one])
  expect(stdout).toContain("copilot · ")
  expect(stdout).toContain("bash make test")
  expect(stdout).not.toContain("<now>")
})

test("its tokens are counted, those from the cache apart", async () => {
  addCopilot(machine, { id: one, cwd, left: true })
  const { json } = await machine.run(["usage", "--json"])
  expect(json.all ?? json.total).toMatchObject({ answers: 1, input: 600, cacheRead: 400, output: 20 })
})

test("an event of a type that is not known is found as the client's, and said to be unknown", () => {
  const event = {
    type: "memory.learned",
    id: "e",
    timestamp: "2026-11-28T00:00:00Z",
    data: { note: "two words" },
  }
  expect(readParts(event, "")).toMatchObject({
    unknown: "memory.learned",
    parts: [{ role: "system", text: "two words" }],
  })
  expect(readParts({ ...event, data: { flag: "word" } }, "")).toBeNull()
})

test("a call with arguments nested to any depth is read", () => {
  const deep = JSON.parse(`${"[".repeat(5_000)}"bottom"${"]".repeat(5_000)}`)
  const data = { content: "", toolRequests: [{ name: "odd", toolCallId: "c", arguments: deep }] }
  expect(readParts({ type: "assistant.message", data }, "")?.parts).toMatchObject([
    { tool: "odd", text: "bottom" },
  ])
})
