/** Whatever there is goes into the index, and into one that is made anew. */

import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { readParts } from "../../plugins/detect/claude-code/parts/parts.ts"
import { IndexWriter } from "../../src/index/index.ts"
import { savedSources } from "../../src/pipeline/indexing/sources.ts"
import { readSavedExports } from "../../src/rescue/catalog/saved-exports.ts"
import { readStored } from "../fixtures/built-in.ts"
import { scriptClient } from "../fixtures/fake-clients.ts"
import { record, user } from "../fixtures/talk/conversation.ts"
import { Talks } from "../search/conversations.ts"

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

test("an archived export whose reading broke off is read to its end by the next run", async () => {
  machine.say(machine.talk(1), [user("earlyneedle"), user("x".repeat(200_000)), user("lateneedle")])
  await machine.run(["export", "--all"])
  await machine.run(["cx", "--no-index"])
  rmSync(machine.claude, { recursive: true })
  const [saved] = readSavedExports(machine.pending, machine.archive).all()
  const [source] = saved === undefined ? [] : savedSources(saved, readStored)
  if (source === undefined) throw new Error("nothing was archived")
  const stop = new AbortController()
  const writer = new IndexWriter(machine.database, () => {})
  const progress = { signal: stop.signal, advance: () => stop.abort() }
  const pieces = async function* () {
    for await (const bytes of source.open(0)) {
      yield bytes.subarray(0, 1000)
      yield bytes.subarray(1000)
    }
  }
  expect(await writer.update({ ...source, open: pieces }, readParts, progress)).toMatchObject({
    state: "broken-off",
  })
  writer.close()
  expect(await machine.texts("lateneedle")).toEqual([])
  await machine.read()
  expect(await machine.texts("earlyneedle")).toEqual(["earlyneedle"])
  expect(await machine.texts("lateneedle")).toEqual(["lateneedle"])
})

test("a new index holds what still lies where only the old one knew of it", async () => {
  const elsewhere = machine.write(
    join(machine.root, "elsewhere/moved.jsonl"),
    record(machine.talk(1), 0, user("elseneedle")),
  )
  machine.say(machine.talk(2), [user("homeneedle")])
  machine.subagent(machine.talk(2), "abc123", [user("subneedle")])
  await machine.run(["cx", elsewhere])
  await machine.read()
  const other = join(machine.root, "other-home")
  renameSync(machine.claude, other)
  await machine.run(["cx", "--live"], { env: { CLAUDE_CONFIG_DIR: other } })
  mkdirSync(machine.claude)
  await machine.read("--rebuild")
  for (const needle of ["elseneedle", "homeneedle", "subneedle"]) {
    expect(await machine.texts(needle)).toEqual([needle])
  }
  const { json } = await machine.ask("subneedle")
  expect(json.hits[0]).toMatchObject({ subagent: "abc123", session: machine.talk(2).id })
})

test("a new index gives a session the title that it had last", async () => {
  const talk = machine.talk(1)
  const titled = (customTitle: string) =>
    `${JSON.stringify({ type: "custom-title", customTitle, sessionId: talk.id })}\n`
  const path = machine.say(talk, [user("the needle")])
  appendFileSync(path, titled("first"))
  await machine.run(["export", "--all"])
  await machine.run(["cx"])
  appendFileSync(path, titled("second"))
  await machine.run(["export", "--all"])
  await machine.run(["cx"])
  const title = async () => (await machine.ask("needle")).json.hits[0].title
  expect(await title()).toBe("second")
  rmSync(machine.claude, { recursive: true })
  await machine.read("--rebuild")
  expect(await title()).toBe("second")
})

test.skipIf(!Bun.which("node"))(
  "sessions of which nobody can tell which one a client is in are read",
  async () => {
    const cwd = join(machine.root, "work")
    mkdirSync(cwd)
    await scriptClient(machine, cwd)
    for (const n of [1, 2]) {
      const text = record(machine.talk(n, { cwd }), 0, user(`needle${n}`))
      machine.transcript(machine.talk(n).id, { cwd, text, age: 0 })
    }
    const { json } = await machine.run(["status", "--json"])
    expect(json.sessions).toMatchObject([{ id: null, flags: expect.arrayContaining(["ambiguous"]) }])
    await machine.read()
    for (const n of [1, 2]) expect(await machine.texts(`needle${n}`)).toEqual([`needle${n}`])
  },
)
