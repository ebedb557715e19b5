/** `status --watch` beside a watcher: it does not look at what that one looks at. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { binary, type StartedProgram } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { talkOf, WatchMachine } from "./watch-harness.ts"

setDefaultTimeout(60_000)

let machine: WatchMachine
let shown: string
beforeEach(async () => {
  machine = new WatchMachine()
  shown = ""
  await session(1)
})
afterEach(() => machine.dispose())

async function session(number: number): Promise<void> {
  const cwd = `/work/p${number}`
  machine.transcript(sessionId(number), { cwd, text: talkOf(number, [{ tokens: 20_000 }], { cwd }) })
  const client = await machine.client({ program: `c${number}/claude-code-linux-x64/claude` })
  machine.registry(client, sessionId(number), { cwd })
}
function list(): StartedProgram {
  const data = (_: unknown, bytes: Uint8Array) => {
    shown += new TextDecoder().decode(bytes)
  }
  const env = { ...machine.watchEnv, TERM: "xterm-256color", LANG: "C.UTF-8" }
  return machine.start([binary, "status", "--watch"], { env, terminal: { cols: 160, rows: 40, data } })
}
const shows = (text: string) => until(text, () => shown.includes(text), { show: () => shown })

/** Whether a process gets the events of a folder: the kernel lists what it watches. */
function watches({ pid }: StartedProgram, folder: string): boolean {
  const inode = statSync(folder).ino.toString(16)
  const infos = readdirSync(`/proc/${pid}/fdinfo`).map((fd) => {
    try {
      return readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8")
    } catch {
      return "" // closed by now
    }
  })
  return infos.some((info) => info.includes(`ino:${inode} `))
}
const registry = () => join(machine.claude, "sessions")
const state = () => join(machine.data, "watch")

test("it shows a session that the watcher has seen, and watches that one's state alone", async () => {
  await machine.watch()
  const shownBy = list()
  await shows("/work/p1")
  await until("its watch", () => watches(shownBy, state()))
  expect(watches(shownBy, registry())).toBe(false)
  await session(2)
  await shows("/work/p2")
  expect(watches(shownBy, registry())).toBe(false)
})

test("where none runs, and once that one has ended, it watches the clients' own folders", async () => {
  const watcher = await machine.watch()
  await watcher.end("SIGTERM")
  const shownBy = list()
  await shows("/work/p1")
  await until("its watch", () => watches(shownBy, registry()))
})
