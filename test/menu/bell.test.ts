/** The bell of the live list, and of a watcher on a terminal. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { binary } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { talkOf, WatchMachine } from "../watch/watch-harness.ts"

setDefaultTimeout(60_000)

let machine: WatchMachine
let shown: string
beforeEach(() => {
  machine = new WatchMachine()
  machine.withTelling()
  shown = ""
})
afterEach(() => machine.dispose())

function onTerminal(...args: string[]): void {
  const data = (_: unknown, bytes: Uint8Array) => {
    shown += new TextDecoder().decode(bytes)
  }
  const env = { ...machine.watchEnv, TERM: "xterm-256color", LANG: "C.UTF-8" }
  machine.start([binary, ...args], { env, terminal: { cols: 160, rows: 40, data } })
}
const bells = () => shown.split("\u0007").length - 1
const shows = (text: string) => until(text, () => shown.includes(text), { show: () => shown })

async function session(number: number, more: Record<string, unknown> = {}) {
  const cwd = `/work/p${number}`
  const id = sessionId(number)
  machine.transcript(id, { cwd, text: talkOf(number, [{ tokens: 20_000 }], { cwd }) })
  const client = await machine.client({ program: `c${number}/claude-code-linux-x64/claude` })
  machine.registry(client, id, { cwd, ...more })
  return { id, cwd, client }
}

test("the live list rings for a session that begins to wait for an answer, once, and not for what it opened with", async () => {
  const first = await session(1)
  const asks = { status: "waiting", waitingFor: "permission prompt" }
  await session(2, asks)
  onTerminal("status", "--watch")
  await shows("/work/p2")
  machine.registry(first.client, first.id, { cwd: first.cwd, ...asks })
  await until("the bell", () => bells() === 1, { show: () => shown })
  await session(3)
  await shows("/work/p3")
  expect(bells()).toBe(1)
})

test("a watcher on a terminal prints what it sees and does, a line each, and rings when it tells", async () => {
  const { id, cwd, client } = await session(1)
  onTerminal("watch")
  await until("a look", async () => (await machine.state())?.lastLookAt)
  await shows("sees    p1 a0000001: ACTIVE waiting for you, context 10%, not saved")
  expect(bells()).toBe(0)
  machine.transcript(id, { cwd, text: talkOf(1, [{ tokens: 150_000 }], { cwd }) })
  await shows("(terminal, desktop, command)")
  await until("the bell", () => bells() === 1, { show: () => shown })
  expect(shown).toContain("sees    p1 a0000001: ACTIVE waiting for you, context 75%, not saved (context)")
  await client.end("SIGKILL")
  await shows("gone    p1 a0000001: crashed")
})
