/** More sessions than are looked at, asked for or kept in memory at a time. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Answer } from "../fixtures/machine.ts"
import { record, user } from "../fixtures/talk/conversation.ts"
import { Talks } from "../search/conversations.ts"

const many = 2_300

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

/** `many` transcripts in one folder, each with a word of its own; some with a subagent's beside it. */
function speak(): void {
  for (let n = 1; n <= many; n++) {
    machine.say(machine.talk(n), [user(`theword${n} of all`)])
    if (n % 500 === 0) machine.subagent(machine.talk(n), "abc123", [user(`subword${n}`)])
  }
}

async function read(...args: string[]): Promise<Answer["json"]> {
  const { json, code } = await machine.run(["cx", "--live", "--json", ...args])
  expect(code).toBe(0)
  return json
}

/** So many sessions are found by what each of them said. */
async function found(word: string): Promise<number> {
  return (await machine.ask(word)).json.total
}

test("each of them is read once, and a second time only where something is new", async () => {
  speak()
  machine.subagent(machine.talk(many + 1), "abc123", [user("orphanword")]) // its transcript is gone
  const first = await read()
  expect(first).toMatchObject({ sessionsSeen: many + 1, indexed: { read: many + 5, messages: many + 5 } })
  const last = machine.talk(many)
  for (const word of [
    "theword1",
    "theword1000",
    "theword1001",
    `theword${many}`,
    "subword2000",
    "orphanword",
  ]) {
    expect([word, await found(word)]).toEqual([word, 1])
  }
  expect(await read()).toMatchObject({ sessionsSeen: many + 1, indexed: { files: 0, read: 0 } })

  appendFileSync(machine.transcriptPath(last.id, last.cwd), record(last, 1, user("anotherword")))
  machine.subagent(machine.talk(2001), "def456", [user("newsubword")])
  expect(await read()).toMatchObject({ sessionsSeen: many + 1, indexed: { files: 2, read: 2, messages: 2 } })
  expect([await found("anotherword"), await found("newsubword")]).toEqual([1, 1])
})

test("the newest are read last, whatever the order of their names", async () => {
  speak()
  const newest = machine.talk(7)
  const path = machine.transcriptPath(newest.id, newest.cwd)
  writeFileSync(path, readFileSync(path)) // now
  await read()
  const { json } = await machine.ask("all", "--limit", "1")
  expect(json.hits).toMatchObject([{ session: newest.id }])
})

test("those that are gone are missed, and what they said stays", async () => {
  speak()
  await read()
  rmSync(machine.transcriptPath(machine.talk(1500).id, "/work/one"))
  await read()
  const { json } = await machine.ask("theword1500")
  expect(json.hits).toMatchObject([{ source: { gone: true } }])
  const { json: other } = await machine.ask("theword1501")
  expect(other.hits).toMatchObject([{ source: { gone: false } }])
  const { json: stats } = await machine.run(["cxq", "--stats", "--json"])
  expect(stats).toMatchObject({ sources: { present: many + 3, missing: 1 } })
})

test("a new index takes over all that only the old one knew of", async () => {
  speak()
  const other = join(machine.root, "other-home")
  renameSync(machine.claude, other)
  await machine.run(["cx", "--live"], { env: { CLAUDE_CONFIG_DIR: other } })
  mkdirSync(machine.claude)
  expect(await read("--rebuild")).toMatchObject({ sessionsSeen: 0, indexed: { read: many + 4 } })
  expect([await found("theword1"), await found(`theword${many}`), await found("subword1000")]).toEqual([
    1, 1, 1,
  ])
})

test("in a folder whose name is not UTF-8 they are read, known to be there, and taken over as elsewhere", async () => {
  const talk = machine.talk(1)
  const path = machine.say(talk, [user("oddword")])
  const odd = Buffer.concat([Buffer.from(`${dirname(dirname(path))}/-odd-`), Buffer.from([0xff])])
  renameSync(dirname(path), odd)
  expect(await read()).toMatchObject({ sessionsSeen: 1, indexed: { read: 1, messages: 1 } })
  expect(await read()).toMatchObject({ sessionsSeen: 1, indexed: { files: 0 } })
  await machine.run(["cx"])
  const { json } = await machine.ask("oddword")
  expect(json.hits).toMatchObject([{ source: { gone: false } }])
  const other = join(machine.root, "other-home")
  renameSync(machine.claude, other)
  await machine.run(["cx", "--live"], { env: { CLAUDE_CONFIG_DIR: other } })
  mkdirSync(machine.claude)
  expect(await read("--rebuild")).toMatchObject({ sessionsSeen: 0, indexed: { read: 1, messages: 1 } })
})
