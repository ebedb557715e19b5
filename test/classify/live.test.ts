import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { join } from "node:path"
import { idle, shellClient } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { childrenOf, statOf } from "../fixtures/processes.ts"
import { record, sessionId, toolCall, toolResult, user } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"

let machine: Machine
setDefaultTimeout(30_000)
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const hour = 3_600_000
const busy = { status: "busy", statusUpdatedAt: Date.now() - hour }

async function status(...args: string[]) {
  const { json, code } = await machine.run(["status", "--json", ...args])
  expect([code, json.sessions.length]).toEqual([0, 1])
  const [session] = json.sessions
  return { ...session, says: session.evidence.map((each: { message: string }) => each.message).join("\n") }
}
const silent = () => status("--hung-after", "1ms")

/** A conversation whose last record is a call of `tool`, made `age` milliseconds ago. */
function calling(tool: string, age = hour): string {
  const talk = { id, cwd: "/work/one", at: new Date(Date.now() - age + 9_000) }
  return record(talk, 0, user("do it")) + record(talk, 1, toolCall(tool, "call-1"))
}

describe("busy", () => {
  test("and silent for less than --hung-after it works, for longer it is HUNG", async () => {
    machine.registry(await machine.client(), id, busy)
    machine.transcript(id, { open: true, age: hour })
    expect(await status()).toMatchObject({ state: "ACTIVE", detail: "working" })
    expect(await silent()).toMatchObject({ state: "HUNG", detail: "silent mid-turn" })
  })

  test("and writing only in a subagent's file it is not silent", async () => {
    const client = await machine.client()
    machine.registry(client, id, { ...busy, statusUpdatedAt: Date.now() - 2 * hour })
    const path = machine.transcript(id, { text: calling("Task"), age: hour })
    machine.write(path.replace(/\.jsonl$/, "/subagents/agent-1.jsonl"), "{}\n")
    expect(await status("--hung-after", "30s")).toMatchObject({ state: "ACTIVE", detail: "working" })
  })

  test("and burning CPU without progress it is spinning", async () => {
    machine.registry(shellClient(machine, "while :; do :; done"), id, busy)
    machine.transcript(id, { open: true, age: hour })
    const session = await until("enough of the processor for it", async () => {
      const now = await silent()
      expect(now.state).toBe("HUNG")
      return now.detail.startsWith("spinning") && now
    })
    expect(session.says).toMatch(/\d+ % of one core/)
  })

  test("without any write for more than a minute it is not persisting", async () => {
    machine.registry(await machine.client(), id, busy)
    expect(await status()).toMatchObject({
      detail: "working",
      flags: ["not-persisting", "no-terminal"].toSorted(),
    })
  })
})

describe("a tool's process", () => {
  const withChild = async (callAge: number) => {
    const client = shellClient(machine, "sleep 300 & wait")
    const child = await until("its child", () => childrenOf(client.pid)[0])
    await until("the child's program", () => statOf(child).length > 0)
    machine.registry(client, id, busy)
    machine.transcript(id, { text: calling("Bash", callAge), age: hour })
    return child
  }

  test("that started after the call is a tool at work, not silence", async () => {
    const child = await withChild(hour)
    const session = await silent()
    expect(session).toMatchObject({ state: "ACTIVE", detail: "running a tool" })
    expect(session.says).toContain(`Bash: its process ${child}`)
  })

  test("is seen although other calls' large results came after it", async () => {
    await withChild(hour)
    const talk = { id, cwd: "/work/one", at: new Date(Date.now() - hour + 9_000) }
    const more = ["call-2", "call-3"].map((call, number) => record(talk, 2 + number, toolCall("Read", call)))
    const results = ["call-2", "call-3"].map((call, number) =>
      record(talk, 4 + number, toolResult(call, "x".repeat(40_000))),
    )
    machine.transcript(id, { text: calling("Bash") + [...more, ...results].join(""), age: hour })
    expect(await silent()).toMatchObject({ state: "ACTIVE", detail: "running a tool" })
  })

  test("that was there before the call, as MCP servers are, proves nothing", async () => {
    const begun = Date.now()
    const client = shellClient(machine, "sleep 300 & wait")
    await until("its child", () => childrenOf(client.pid)[0])
    machine.registry(client, id, busy)
    await until("the child to be older than the call", () => Date.now() > begun + 2_500)
    machine.transcript(id, { text: calling("Bash", 0), age: hour })
    expect(await silent()).toMatchObject({ state: "HUNG", detail: "silent mid-turn" })
  })
})

test("a tool inside the client shows by its open call, and one that lasts over an hour is marked", async () => {
  machine.registry(await machine.client(), id, busy)
  machine.transcript(id, { text: calling("WebFetch", 2 * hour), age: 2 * hour })
  expect(await silent()).toMatchObject({
    state: "ACTIVE",
    detail: "running a tool",
    flags: expect.arrayContaining(["long-tool"]),
  })
})

describe("not busy, it is never hung, however silent", () => {
  test.each([
    [{ status: "idle" }, "waiting for you", ""],
    [
      { status: "waiting", waitingFor: "permission prompt" },
      "waiting for permission: Bash",
      "permission prompt",
    ],
    [{ status: "waiting", waitingFor: "your answer" }, "waiting for you", "your answer"],
    [{ status: "shell" }, "waiting for you", "a background command is still running"],
  ])("%j: %s", async (more, detail, evidence) => {
    machine.registry(await machine.client(), id, { ...busy, ...more })
    machine.transcript(id, { text: calling("Bash"), age: hour })
    const session = await silent()
    expect(session).toMatchObject({ state: "ACTIVE", detail })
    expect(session.says).toContain(evidence)
  })
})

test("suspended it is HUNG at once, and its evidence says how to bring it back", async () => {
  const client = await machine.client()
  machine.registry(client, id)
  machine.transcript(id)
  process.kill(client.pid, "SIGSTOP")
  await until("it to stop", () => statOf(client.pid)[0] === "T")
  const session = await status()
  expect(session).toMatchObject({ state: "HUNG", detail: "suspended" })
  expect(session.says).toContain(`kill -CONT ${client.pid} brings it back`)
  process.kill(client.pid, "SIGCONT")
  await until("it to go on", () => statOf(client.pid)[0] !== "T")
  expect((await status()).state).toBe("ACTIVE")
})

describe("keys typed on its terminal", () => {
  const raw = (after: string) => `stty raw -echo; touch '${join(machine.root, "ready")}'; ${after}`
  const open = async (script: string) => {
    const client = shellClient(machine, script, { terminal: {} })
    machine.registry(client, id)
    machine.transcript(id)
    await until("the terminal to be raw", () => Bun.file(join(machine.root, "ready")).exists())
    return client
  }

  test("that nobody reads: it is HUNG even if it says it is idle", async () => {
    const client = await open(raw("exec 3<&0 </dev/null; sleep 300 & wait"))
    expect(await status()).toMatchObject({ state: "ACTIVE", detail: "waiting for you" })
    client.say("hello")
    const session = await until("the keys to arrive", async () => {
      const now = await status()
      return now.state === "HUNG" && now
    })
    expect(session).toMatchObject({ detail: "not reading its terminal" })
    expect(session.says).toContain(`5 typed bytes stand unread on ${session.tty}`)
    expect((await machine.run(["status"])).stdout).toContain(`Next: session-rescue --export ${session.tty}`)
  })

  test("ahead of a client that reads none (claude -p) are for the shell behind it", async () => {
    const client = await open(raw("exec 3<&0 </dev/null; sleep 300 & wait"))
    client.say("make test")
    await until("the keys to arrive", async () => (await status()).state === "HUNG")
    machine.registry(client, id, { entrypoint: "sdk-cli", status: undefined })
    expect(await status()).toMatchObject({ state: "ACTIVE", detail: "waiting for its program" })
  })

  test("that it reads mean nothing", async () => {
    const client = await open(raw(idle))
    client.say("hello")
    await until("the keys to be read", async () => (await status()).state === "ACTIVE")
  })
})

test("no flag is lost when many are due, and CURRENT beats HUNG", async () => {
  const clients = [await machine.client(), await machine.client()]
  for (const client of clients) machine.registry(client, id, busy)
  machine.transcript(id, {
    text: `\u0000\u0000\n${calling("WebFetch", 25 * 24 * hour)}{"torn`,
    age: 25 * 24 * hour,
  })
  const env = { CLAUDE_CODE_SESSION_ID: id }
  const { json } = await machine.run(["status", "--json", "--hung-after", "1ms"], { env })
  for (const session of json.sessions) {
    expect(session.state).toBe("CURRENT")
    expect(session.flags.toSorted()).toEqual([
      "corrupt",
      "duplicate-writer",
      "long-tool",
      "no-terminal",
      "not-persisting",
      "purge-soon",
      "torn-tail",
    ])
  }
})
