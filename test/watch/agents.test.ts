/** The watcher looks at every agent's sessions. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { addRollout, codex, threadId } from "../fixtures/codex.ts"
import { until } from "../fixtures/until.ts"
import { WatchMachine } from "./watch-harness.ts"

setDefaultTimeout(60_000)

let machine: WatchMachine
beforeEach(() => {
  machine = new WatchMachine()
  machine.withTelling()
})
afterEach(() => machine.dispose())

const [one, two] = [threadId(1), threadId(2)]

test("Codex: one killed in mid-turn and one without an answer are saved and told, and the client lives", async () => {
  const cwd = join(machine.root, "work")
  const silent = addRollout(machine, { id: two, cwd, last: "open", age: 60_000 })
  const client = await codex(machine, { words: ["exec"], open: [silent], cwd })
  // it is silent since it started, at the earliest
  await until("it to be told", async () =>
    (await machine.once("--hung-after", "100ms")).stdout.includes("told    work"),
  )
  const killed = addRollout(machine, { id: one, cwd, last: "open", age: 1000 })
  const other = await codex(machine, { words: ["resume"], open: [killed], cwd })
  await machine.once("--hung-after", "10m")
  process.kill(other.pid, "SIGKILL")
  await other.exited
  await machine.once("--hung-after", "10m")
  expect((await machine.state()).told.map(({ sessions }: { sessions: unknown }) => sessions)).toMatchObject([
    [{ id: two, reason: "hung", saved: "saved" }],
    [{ id: one, reason: "crashed", saved: "saved" }],
  ])
  const pending = join(machine.data, "sessions-export-pending-codex")
  const copies = readdirSync(pending).filter((name) => name.endsWith(".jsonl"))
  expect(copies.map((name) => readFileSync(join(pending, name), "utf8")).toSorted()).toEqual(
    [killed, silent].map((path) => readFileSync(path, "utf8")).toSorted(),
  )
  process.kill(client.pid, 0)
})
