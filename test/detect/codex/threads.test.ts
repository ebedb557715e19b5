/** What Codex's rollouts show without a process. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { addRollout, codexHome, threadId } from "../../fixtures/codex.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const [one, two, three] = [threadId(1), threadId(2), threadId(3)]
const cwd = "/work/one"

async function sessions(...args: string[]) {
  const { json, code } = await machine.run(["status", "--all", "--json", ...args])
  expect([code, json.warnings]).toEqual([0, []])
  return json.sessions
}

const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")

test.each([
  ["done", "closed", "its last turn ended (task_complete)"],
  ["aborted", "closed", "its last turn ended (turn_aborted)"],
  ["open", "ended mid-turn", "its last turn has begun and not ended"],
  ["call", "ended mid-turn", "exec_command was called and has no result"],
] as const)("a thread whose last turn is %s is %s", async (last, detail, message) => {
  addRollout(machine, { id: one, cwd, last })
  const [found] = await sessions()
  expect(found).toMatchObject({
    ...{ id: one, agent: "codex", state: "ORPHANED", detail, cwd, version: "0.171.0" },
    ...{ title: "please mend the login page", gitBranch: "main", purgeAt: null },
  })
  expect(found).toMatchObject({ contextTokens: 1020, contextWindow: 190_000 })
  expect(says(found)).toContain(message)
})

test.each([
  ["done", "closed"],
  ["open", "ended mid-turn"],
  ["call", "ended mid-turn"],
] as const)("of a version without events for turns, %s is %s", async (last, detail) => {
  addRollout(machine, { id: one, cwd, last, old: true })
  expect(await sessions()).toMatchObject([{ id: one, detail }])
})

test("the rollout of a subagent belongs to its thread, and is no session", async () => {
  addRollout(machine, { id: one, cwd })
  const path = addRollout(machine, { id: two, cwd, parent: one })
  const [found, ...more] = await sessions()
  expect([found.id, more]).toEqual([one, []])
  const { json } = await machine.run(["export", one, "--json"])
  const manifest = await Bun.file(json.exports[0].manifest).json()
  expect(manifest.files.map(({ source }: { source: string }) => source)).toContain(path)
})

test("one whose thread is gone is a session of its own: nothing else would save it", async () => {
  addRollout(machine, { id: two, cwd, parent: one })
  expect(await sessions()).toMatchObject([{ id: two }])
})

test("an archived thread is listed, and says so", async () => {
  addRollout(machine, { id: one, cwd, archived: true })
  const [found] = await sessions()
  expect(found).toMatchObject({ id: one, state: "ORPHANED", detail: "closed" })
  expect(says(found)).toContain("codex archive")
})

test("its name is the one in the index, the last one", async () => {
  addRollout(machine, { id: one, cwd })
  const names = ["first", "the renamed one"].map((thread_name) => JSON.stringify({ id: one, thread_name }))
  writeFileSync(join(codexHome(machine), "session_index.jsonl"), `${names.join("\n")}\n{"id":"torn`)
  expect(await sessions()).toMatchObject([{ title: "the renamed one" }])
})

describe("a damaged rollout", () => {
  test("whose end is torn is known by what is before", async () => {
    const path = addRollout(machine, { id: one, cwd })
    appendFileSync(path, '{"timestamp":"2026-')
    expect(await sessions()).toMatchObject([{ id: one, detail: "closed", flags: ["torn-tail"] }])
  })

  test("that is empty is a stub, one of NUL is unreadable, and neither hides the others", async () => {
    const empty = addRollout(machine, { id: one, cwd })
    truncateSync(empty, 0)
    writeFileSync(addRollout(machine, { id: two, cwd }), new Uint8Array(4096))
    addRollout(machine, { id: three, cwd })
    const found = await sessions()
    const byId = new Map(found.map((each: { id: string; detail: string }) => [each.id, each.detail]))
    expect(byId.get(one)).toBe("stub")
    expect(byId.get(two)).toBe("unreadable")
    expect(byId.get(three)).toBe("closed")
  })

  test("that is a link is not followed", async () => {
    const path = addRollout(machine, { id: one, cwd })
    symlinkSync(path, path.replace(one, two))
    const { json } = await machine.run(["export", two, "--json"])
    expect(json.failures).toMatchObject([{ code: "SOURCE_IS_LINK" }])
  })
})

test("its sessions stand beside those of other agents, and --agent chooses", async () => {
  addRollout(machine, { id: one, cwd })
  machine.transcript(sessionId(1))
  expect(await sessions()).toHaveLength(2)
  expect(await sessions("--agent", "codex")).toMatchObject([{ id: one }])
  expect(await sessions("--agent", "claude")).toMatchObject([{ id: sessionId(1) }])
  const rows = async (...args: string[]) => (await machine.run(args)).stdout
  expect(await rows("status", "--all")).toContain(" · codex · ")
  expect(await rows("status", "--all")).toContain(" · claude-code · ")
  expect(await rows("status", "--all", "--agent", "codex")).not.toContain(" · codex")
  expect(await rows("resume", "--all")).toContain(" · codex · ")
})

test("CODEX_HOME moves it", async () => {
  addRollout(machine, { id: one, cwd })
  const moved = { env: { CODEX_HOME: join(machine.root, "elsewhere") } }
  const { json } = await machine.run(["status", "--all", "--json"], moved)
  expect(json.sessions).toMatchObject([{ id: one }]) // the usual one is searched, too
})
