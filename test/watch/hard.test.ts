/** What rarely happens to a watcher, with the compiled binary. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { binary } from "../fixtures/machine.ts"
import { descendantsOf } from "../fixtures/processes.ts"
import { record, sessionId } from "../fixtures/talk/conversation.ts"
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
const cwd = "/work/p1"

async function session(tokens: number, more = "") {
  const transcript = machine.transcript(id, { cwd, text: talkOf(1, [{ tokens }], { cwd }) + more })
  const client = await machine.client({ cwd: machine.root })
  return { transcript, client, registry: machine.registry(client, id, { cwd }) }
}

test("a session that is compacted between two looks is saved and told", async () => {
  const { transcript } = await session(20_000)
  await machine.once()
  const compacted = { type: "system", subtype: "compact_boundary" }
  const compactMetadata = { trigger: "auto", preTokens: 199_000, postTokens: 3000 }
  const talk = { id, cwd, at: new Date(Date.now() + 10_000), version: "2.1.332" }
  appendFileSync(transcript, record(talk, 2, { ...compacted, compactMetadata }))
  expect((await machine.once()).stdout).toContain("its context was compacted; saved")
  expect(readFileSync(machine.copies[0] ?? "", "utf8")).toBe(readFileSync(transcript, "utf8"))
  expect((await machine.once()).stdout).toBe("")
})

test("a home that goes and comes back loses nothing and tells nothing twice", async () => {
  const { transcript } = await session(150_000)
  await machine.once()
  renameSync(machine.claude, `${machine.claude}.away`)
  expect((await machine.once()).code).toBe(0)
  renameSync(`${machine.claude}.away`, machine.claude)
  expect((await machine.once()).stdout).toBe("")
  expect([machine.commanded.length, machine.copies.map((path) => readFileSync(path, "utf8"))]).toEqual([
    1,
    [readFileSync(transcript, "utf8")],
  ])
})

test("killed with its child in the midst of a copy: the next one copies it whole, and nothing is left over", async () => {
  const filler = `${JSON.stringify({ type: "mode", mode: "x".repeat(1_000_000), sessionId: id })}\n`.repeat(
    60,
  )
  const { transcript } = await session(10_000)
  writeFileSync(transcript, filler + talkOf(1, [{ tokens: 190_000 }], { cwd }))
  const watcher = machine.start([binary, "watch"], { env: machine.watchEnv })
  const pending = join(machine.data, "sessions-export-pending-anthropic")
  const names = () => (existsSync(pending) ? readdirSync(pending) : [])
  const child = await until("the copy to begin", () => {
    const [pid] = descendantsOf(watcher.pid)
    const isSaving = names().some((name) => name !== ".locks") || existsSync(join(pending, ".locks"))
    return isSaving && pid
  })
  process.kill(child, "SIGSTOP")
  process.kill(watcher.pid, "SIGKILL")
  process.kill(child, "SIGKILL")
  await watcher.exited
  expect(machine.copies).toEqual([])
  await machine.watch()
  await until("the copy", () => machine.copies.length === 1, { show: () => machine.printed })
  await until("it to be told", () => machine.commanded.length === 1, { show: () => machine.printed })
  expect(readFileSync(machine.copies[0] ?? "", "utf8")).toBe(readFileSync(transcript, "utf8"))
  expect((await machine.run(["verify"])).code).toBe(0)
  expect(names().filter((name) => name.startsWith("."))).toEqual([])
})

test("where the system has no watch left it looks by the clock", async () => {
  const limit = "echo 0 > /proc/sys/user/max_inotify_instances"
  const inOwnNamespace = ["unshare", "-U", "-r", "sh", "-c"]
  if (Bun.spawnSync([...inOwnNamespace, limit]).exitCode !== 0)
    return console.error("NOT TESTED HERE: no user namespace in which watches can be limited")
  const { transcript, client } = await session(20_000)
  machine.start([...inOwnNamespace, `${limit}; exec '${binary}' watch`], { env: machine.watchEnv })
  await until("the watcher to have looked", async () => (await machine.state())?.sessions.length === 1)
  appendFileSync(transcript, talkOf(1, [{ tokens: 190_000 }], { cwd, age: 1000 }))
  machine.registry(client, id, { cwd })
  await until("the copy", () => machine.copies.length === 1)
})
