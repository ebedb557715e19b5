/** The resident watcher: what it sees without being asked, and how it ends. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { binary } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { talkOf, WatchMachine } from "./watch-harness.ts"

setDefaultTimeout(90_000)

let machine: WatchMachine
beforeEach(() => {
  machine = new WatchMachine()
  machine.withTelling()
})
afterEach(() => machine.dispose())

const id = sessionId(1)

async function session(tokens: number) {
  const cwd = "/work/p1"
  const transcript = machine.transcript(id, { cwd, text: talkOf(1, [{ tokens }], { cwd }) })
  const client = await machine.client({ cwd: machine.root })
  machine.registry(client, id, { cwd })
  return { cwd, transcript, client }
}

test("sees a context that fills up, and a client that is killed; TERM ends it", async () => {
  const { cwd, transcript, client } = await session(20_000)
  const watcher = await machine.watch()
  expect(await machine.status()).toMatchObject({ code: 0, json: { running: true, pid: watcher.pid } })
  machine.transcript(id, { cwd, text: talkOf(1, [{ tokens: 20_000 }, { tokens: 150_000 }], { cwd }) })
  machine.registry(client, id, { cwd, status: "idle", updatedAt: Date.now() })
  await until("the copy", () => machine.copies.length === 1, { show: () => machine.printed })
  expect(readFileSync(machine.copies[0] ?? "", "utf8")).toBe(readFileSync(transcript, "utf8"))
  await client.end("SIGKILL")
  await until(
    "the crash to be told",
    () => machine.commanded.some(({ text }) => text.includes("its client crashed")),
    {
      withinMs: 35_000,
      show: () => machine.printed,
    },
  )
  await watcher.end("SIGTERM")
  expect(await machine.status()).toMatchObject({ code: 3, json: { running: false, pid: null } })
  expect(existsSync(join(machine.data, "watch/.locks"))).toBe(false)
})

test("is the only one of its data folder, alive or dead", async () => {
  const first = await machine.watch()
  const second = await machine.run(["watch"])
  expect([second.code, second.stderr]).toEqual([
    4,
    expect.stringContaining(`the watcher of this data folder runs already: process ${first.pid}`),
  ])
  await session(190_000)
  expect(await machine.once()).toMatchObject({ code: 0, stdout: "" }) // the other one does it
  await first.end("SIGKILL")
  await machine.watch()
})

test("killed while it saves leaves a copy that is whole, and the next one goes on", async () => {
  await session(190_000)
  machine.config('notify_command = ["/nonexistent"]\n')
  const first = await machine.watch()
  await first.end("SIGKILL")
  await machine.watch()
  await until("a copy", () => machine.copies.length > 0)
  expect((await machine.run(["verify"])).code).toBe(0)
})

test("ends once another version has taken its place, and once it was removed", async () => {
  const program = join(machine.root, "installed/session-rescue")
  machine.copy(binary, program)
  const first = await machine.watch([], program)
  copyFileSync(binary, `${program}.new`)
  renameSync(`${program}.new`, program)
  expect(await first.exited).toBe(0)
  expect(machine.printed).toContain("session-rescue was updated or removed")
  const second = await machine.watch([], program)
  rmSync(program)
  rmSync(machine.data, { recursive: true })
  expect(await second.exited).toBe(0)
  expect(existsSync(machine.data)).toBe(false) // nothing of it comes back
})
