import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync, utimesSync } from "node:fs"
import { shellClient } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { childrenOf } from "../fixtures/processes.ts"
import { assistant, record, sessionId, toolCall, toolResult, user } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
setDefaultTimeout(30_000)
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const hour = 3_600_000
const minute = 60_000
const since = Date.now() - 3 * hour
const busy = { status: "busy", statusUpdatedAt: since, version: "2.1.332" }

async function status(...args: string[]) {
  const { json, code } = await machine.run(["status", "--json", ...args])
  expect([code, json.sessions.length]).toEqual([0, 1])
  const [session] = json.sessions
  return { ...session, says: session.evidence.map((each: { message: string }) => each.message).join("\n") }
}

/** One record, made that long ago. */
function ago(milliseconds: number, more: Record<string, unknown>): string {
  const timestamp = new Date(Date.now() - milliseconds).toISOString()
  return record({ id, cwd: "/work/one", at: new Date() }, 0, {
    uuid: crypto.randomUUID(),
    timestamp,
    ...more,
  })
}
const bookkeeping = (type: string) => `${JSON.stringify({ type, sessionId: id })}\n`
const request = (age: number) => ago(age, { type: "api-request", uuid: undefined, requestId: "r" })
const bulk = (age: number) =>
  ago(age, { type: "attachment", attachment: { type: "prompt_snapshot", text: "x".repeat(70_000) } })

/** A client whose process is old enough: only what is written counts. */
async function open(text: string, more: Record<string, unknown> = busy) {
  const client = await machine.client()
  machine.registry(client, id, more)
  return { client, path: machine.transcript(id, { text, age: 0 }) }
}

describe("a request that gets no answer", () => {
  const retrying = [user("mend it"), assistant("It is mended."), user("and that")]
    .map((each, index) => ago(100 * minute - index, each))
    .concat(
      [62, 56, 50, 2].map((minutes) => request(minutes * minute)),
      bookkeeping("mode"),
    )
    .join("")

  test("is HUNG however often the client writes that it tries again, and says how often it has", async () => {
    await open(retrying)
    const session = await status("--hung-after", "1ms")
    expect(session).toMatchObject({ state: "HUNG", detail: "no answer, retrying" })
    expect(session.says).toContain(
      "4 requests since then got no answer: the first 1 h ago, the last 2 min ago",
    )
    expect(session.says).toContain("last write 0 s ago")
    expect(Date.now() - Date.parse(session.lastActivity)).toBeGreaterThan(99 * minute)
  })

  test("asked once is silent, and no retry", async () => {
    await open(ago(100 * minute, user("mend it")) + request(100 * minute - 500))
    const session = await status("--hung-after", "1ms")
    expect(session).toMatchObject({ state: "HUNG", detail: "silent mid-turn" })
    expect(session.says).toContain("the model was asked 1 h ago and has not answered yet")
  })

  test("that is answered at last is alive again", async () => {
    const { path } = await open(retrying)
    machine.write(path, retrying + ago(10_000, assistant("at last", "tool_use")) + request(5_000))
    expect(await status("--hung-after", "1ms")).toMatchObject({ state: "HUNG", detail: "silent mid-turn" })
    expect(await status("--hung-after", "1m")).toMatchObject({ state: "ACTIVE", detail: "working" })
  })

  test("of a subagent's, in a file of its own", async () => {
    const { path } = await open(
      ago(100 * minute, user("delegate it")) + ago(99 * minute, toolCall("Agent", "call-1")),
    )
    const agent = { ...user("dig"), isSidechain: true, agentId: "1" }
    machine.write(
      path.replace(/\.jsonl$/, "/subagents/agent-1.jsonl"),
      ago(98 * minute, agent) + [60, 54, 2].map((minutes) => request(minutes * minute)).join(""),
    )
    const session = await status("--hung-after", "1ms")
    expect(session).toMatchObject({ state: "HUNG", detail: "no answer, retrying" })
    expect(session.says).toContain("3 requests since then got no answer")
  })
})

describe("no life is", () => {
  test.each([
    ["a file's time", ""],
    [
      "what the client notes",
      ["mode", "permission-mode", "atis-latch", "cost-state"].map(bookkeeping).join(""),
    ],
    ["a type that is not known", ago(1_000, { type: "new-in-9.9", message: { content: "hi" } })],
    ["the client's own attachments, however long", bulk(2_000).repeat(12)],
  ])("%s", async (_, more) => {
    await open(ago(100 * minute, user("mend it")) + more)
    const session = await status("--hung-after", "1ms")
    expect(session).toMatchObject({ state: "HUNG", detail: "silent mid-turn" })
    expect(Date.now() - Date.parse(session.lastActivity)).toBeGreaterThan(99 * minute)
  })
})

describe("where the records do not tell when the conversation went on, the file does", () => {
  const undated = (more: Record<string, unknown>) =>
    `${JSON.stringify({ type: "user", sessionId: id, cwd: "/work/one", ...more })}\n`

  test("in a file without times", async () => {
    const { path } = await open(undated(user("mend it")))
    const then = new Date(Date.now() - 50 * minute)
    utimesSync(path, then, then)
    const session = await status("--hung-after", "1ms")
    expect(session).toMatchObject({ state: "HUNG", lastActivity: then.toISOString() })
    expect(session.says).toContain("no record of the conversation has a time")
  })

  test.each(['{"torn', "\u0000\u0000\u0000\n"])("behind a last line that cannot be read: %j", async (end) => {
    const { path } = await open(ago(100 * minute, user("mend it")) + end)
    const then = new Date(Date.now() - 50 * minute)
    utimesSync(path, then, then)
    expect(await status("--hung-after", "1ms")).toMatchObject({ lastActivity: then.toISOString() })
  })

  test("a damaged line in the middle hides nothing of what came after it", async () => {
    await open(`${ago(100 * minute, user("mend it"))}\u0000\u0000\n${request(minute)}`)
    const { lastActivity } = await status("--hung-after", "1ms")
    expect(Date.now() - Date.parse(lastActivity)).toBeGreaterThan(99 * minute)
  })
})

describe("an agent in the background", () => {
  const main = [
    user("delegate it"),
    toolCall("Agent", "call-1"),
    toolResult("call-1", "launched"),
    assistant("It digs."),
  ]
  const agent = async (...records: string[]) => {
    const opened = await open(main.map((each, index) => ago(3 * hour - index, each)).join(""))
    machine.write(opened.path.replace(/\.jsonl$/, "/subagents/agent-a1.jsonl"), records.join(""))
    return opened
  }
  const said = (age: number, more: Record<string, unknown>) => ago(age, { ...more, isSidechain: true })

  test("is at work although the session's own turn is over", async () => {
    await agent(said(0, user("dig")))
    expect(await status()).toMatchObject({ state: "ACTIVE", detail: "background agent working" })
  })

  test("whose turn is over too is not at work", async () => {
    await agent(said(0, user("dig")), said(0, assistant("Found.")))
    expect((await status()).detail).toBe("working")
  })

  test("whose tool runs is at work, whatever its silence", async () => {
    const client = shellClient(machine, "sleep 1.2; sleep 300 & wait")
    machine.registry(client, id, busy)
    const path = machine.transcript(id, {
      text: main.map((each, index) => ago(3 * hour - index, each)).join(""),
    })
    const call = said(0, toolCall("Bash", "call-2"))
    machine.write(path.replace(/\.jsonl$/, "/subagents/agent-a1.jsonl"), said(0, user("dig")) + call)
    const child = await until("its tool", () => childrenOf(client.pid).find((pid) => runs(pid, "300")))
    const session = await status("--hung-after", "1ms")
    expect(session).toMatchObject({ state: "ACTIVE", detail: "running a tool" })
    expect(session.says).toContain(`Bash: its process ${child}`)
  })
})

function runs(pid: number, argument: string): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(argument)
}

test("a session that waits says since when", async () => {
  const waiting = { ...busy, status: "waiting", waitingFor: "permission prompt" }
  const { client } = await open(ago(hour, user("mend it")), waiting)
  const session = await status()
  expect(session.waitingSince).toBe(new Date(since).toISOString())
  expect(session.says).toContain("waiting for 3 h (permission prompt)")
  machine.registry(client, id, busy)
  expect((await status()).waitingSince).toBeNull()
})
