/** What Copilot's folders show without a process. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import {
  appendFileSync,
  cpSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { addCopilot, copilotFolder, leaveLock } from "../../fixtures/agents/copilot.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { copilotEvents } from "../../fixtures/talk/copilot-events.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const [one, two, three] = [sessionId(1), sessionId(2), sessionId(3)]
const cwd = "/work/one"
const noProcess = 4_194_400 // above the largest pid

async function sessions(...args: string[]) {
  const { json, code } = await machine.run(["status", "--all", "--json", ...args])
  expect([code, json.warnings]).toEqual([0, []])
  return json.sessions
}

const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")

test.each([
  ["done", "closed", "its last turn ended"],
  ["aborted", "closed", "was aborted"],
  ["open", "ended mid-turn", "the model has not answered yet"],
  ["between", "ended mid-turn", "the model was not asked again"],
  ["call", "ended mid-turn", "bash was started and has not completed"],
  ["asked", "ended mid-turn", "permission for bash touch logout was requested"],
] as const)("a session that was left with its last turn %s is %s", async (last, detail, message) => {
  addCopilot(machine, { id: one, cwd, last, left: true })
  const [found] = await sessions()
  expect(found).toMatchObject({
    ...{ id: one, agent: "copilot", state: "ORPHANED", detail, cwd, version: "1.0.102" },
    ...{ title: "please mend the login page", gitBranch: "main", purgeAt: null },
  })
  expect(found).toMatchObject({ contextTokens: 1020, contextWindow: 128_000 })
  expect(says(found)).toContain(message)
})

describe("a client that was killed", () => {
  test("wrote no last event: the session crashed", async () => {
    addCopilot(machine, { id: one, cwd })
    addCopilot(machine, { id: two, cwd, last: "call" })
    const found = await sessions()
    expect(found.map((each: { id: string; detail: string }) => [each.id, each.detail]).toSorted()).toEqual([
      [one, "crashed"],
      [two, "crashed mid-turn"],
    ])
  })

  test("of a version that may not have written one is not called crashed", async () => {
    const path = addCopilot(machine, { id: one, cwd })
    writeFileSync(path, readFileSync(path, "utf8").replace('"1.0.102"', '"0.0.369"'))
    expect(await sessions()).toMatchObject([{ id: one, detail: "closed", version: "0.0.369" }])
  })

  test("leaves its lock, which proves it", async () => {
    addCopilot(machine, { id: one, cwd })
    leaveLock(machine, one, noProcess)
    const [found] = await sessions()
    expect(found).toMatchObject({ id: one, pid: null, state: "ORPHANED", detail: "crashed" })
    expect(says(found)).toContain(
      `inuse.${noProcess}.lock is left behind: process ${noProcess} does not exist`,
    )
  })
})

test("its name is the one in its workspace", async () => {
  addCopilot(machine, { id: one, cwd, name: 'the "new" login' })
  expect(await sessions()).toMatchObject([{ title: 'the "new" login' }])
})

test("a folder in which nothing was said is no session; one that lost its events is", async () => {
  for (const id of [one, two]) rmSync(addCopilot(machine, { id, cwd }))
  machine.write(join(copilotFolder(machine, two), "plan.md"), "1. look\n")
  expect(await sessions()).toMatchObject([{ id: two, detail: "transcript missing" }])
})

test("a single file, as older versions wrote it, is read, unless a folder was made of it", async () => {
  const at = new Date(Date.now() - 60_000)
  for (const id of [one, two])
    machine.write(`${copilotFolder(machine, id)}.jsonl`, copilotEvents({ id, cwd, at, left: true }))
  const path = addCopilot(machine, { id: two, cwd, left: true })
  const found = await sessions()
  const byId = new Map(found.map((each: { id: string; transcript: string }) => [each.id, each.transcript]))
  expect(byId.get(one)).toEndWith(`${one}.jsonl`)
  expect(byId.get(two)).toBe(path)
})

describe("damaged events", () => {
  test("NUL at the end, as a power cut leaves it, hides nothing", async () => {
    const path = addCopilot(machine, { id: one, cwd, left: true })
    appendFileSync(path, new Uint8Array(1728))
    expect(await sessions()).toMatchObject([{ id: one, detail: "closed", flags: ["torn-tail"] }])
  })

  test("half an event with a whole one on its line: the whole one counts", async () => {
    const path = addCopilot(machine, { id: one, cwd, last: "open" })
    const text = readFileSync(path, "utf8")
    const [whole = ""] = copilotEvents({ id: one, cwd, at: new Date() }).trimEnd().split("\n").slice(-1)
    writeFileSync(path, `${text}{"type":"assistant.message","data":{"content":"It is {"a":1} men${whole}\n`)
    expect(await sessions()).toMatchObject([{ id: one, detail: "crashed", flags: ["corrupt"] }])
  })

  test("a line separator of Unicode inside a text is one event", async () => {
    addCopilot(machine, { id: one, cwd, left: true, prompt: "first\u2028second\u2029third" })
    expect(await sessions()).toMatchObject([{ id: one, title: "first second third", flags: [] }])
  })

  test("an empty file is a stub, one of NUL is unreadable, and neither hides the others", async () => {
    truncateSync(addCopilot(machine, { id: one, cwd }), 0)
    writeFileSync(addCopilot(machine, { id: two, cwd }), new Uint8Array(4096))
    addCopilot(machine, { id: three, cwd, left: true })
    const found = await sessions()
    const byId = new Map(found.map((each: { id: string; detail: string }) => [each.id, each.detail]))
    expect([byId.get(one), byId.get(two), byId.get(three)]).toEqual(["stub", "unreadable", "closed"])
  })

  test("a link is not followed", async () => {
    const path = addCopilot(machine, { id: one, cwd })
    const other = addCopilot(machine, { id: two, cwd })
    rmSync(other)
    symlinkSync(path, other)
    const { json } = await machine.run(["export", two, "--json"])
    expect(json.failures).toMatchObject([{ code: "SOURCE_IS_LINK" }])
  })
})

test("COPILOT_HOME moves it, and the usual home is searched, too", async () => {
  addCopilot(machine, { id: one, cwd, left: true })
  const moved = join(machine.root, "elsewhere")
  addCopilot(machine, { id: two, cwd, left: true })
  cpSync(copilotFolder(machine, two), join(moved, "session-state", two), { recursive: true })
  rmSync(copilotFolder(machine, two), { recursive: true })
  const { json } = await machine.run(["status", "--all", "--json"], { env: { COPILOT_HOME: moved } })
  expect(json.sessions.map(({ id, home }: { id: string; home: string }) => [id, home]).toSorted()).toEqual([
    [one, join(machine.home, ".copilot")],
    [two, moved],
  ])
})
