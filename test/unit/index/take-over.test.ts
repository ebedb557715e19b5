/** An index of an older version is made anew from the files; what no file holds any more comes along. */
import { Database } from "bun:sqlite"
import { afterEach, beforeEach, expect, test } from "bun:test"
import { rmSync } from "node:fs"
import { assistant, record, toolCall, toolResult, user } from "../../fixtures/talk/conversation.ts"
import { Desk, prompts } from "./index-harness.ts"

let desk: Desk
beforeEach(() => {
  desk = new Desk()
})
afterEach(() => desk.dispose())

const lines = (...said: Record<string, unknown>[]) =>
  said.map((each, n) => record(desk.talk, n, each)).join("")

/** The first version had all the tables that taking over reads. */
function becomesOld(): void {
  const database = new Database(desk.database)
  database.run("pragma user_version = 1")
  database.close()
}

function purge(path: string): void {
  rmSync(path)
  const writer = desk.writer()
  writer.markMissing(path)
  writer.close()
}

test("what was said in a purged file stays findable, with its calls, costs and title", async () => {
  const gone = desk.write(
    lines(
      { type: "custom-title", customTitle: "the old one" },
      user("a purged wombat"),
      toolCall("Bash", "c1"),
      { ...toolResult("c1", "no such badger"), isError: true },
      assistant("done"),
    ),
    "gone.jsonl",
  )
  const there = desk.write(
    lines(user("still there")).replaceAll(desk.talk.id, desk.talk.id.replace("a", "b")),
    "there.jsonl",
  )
  await desk.read(gone, there)
  const before = desk.ask((index) => [
    index.stats().parts,
    index.tokens("session", { limit: 9, dayOf: String }),
  ])
  purge(gone)
  becomesOld()
  await desk.read(there)
  expect(desk.aside.join()).toContain("parts of files that are gone were taken over")
  expect(desk.texts("wombat")).toEqual(["a purged wombat"])
  expect(desk.texts("still")).toEqual(["still there"])
  const [hit] = desk.ask((index) => index.search("badger", {}, 5).hits)
  expect(hit).toMatchObject({ title: "the old one", kind: "tool_result", source: { gone: true } })
  expect(desk.ask((index) => index.part(hit?.answers ?? 0)?.kind)).toBe("tool_use")
  expect(
    desk.ask((index) => [index.stats().parts, index.tokens("session", { limit: 9, dayOf: String })]),
  ).toEqual(before)
})

test("met again, as after a restore, it is there once", async () => {
  const path = desk.write(lines(user("a purged wombat"), assistant("an answer")))
  await desk.read(path)
  purge(path)
  becomesOld()
  await desk.read(desk.write(prompts(desk.talk, ["another", "one"], 10), "other.jsonl"))
  await desk.read(desk.write(lines(user("a purged wombat"), assistant("an answer"), user("and on"))))
  expect(desk.texts("wombat")).toEqual(["a purged wombat"])
  expect(desk.ask((index) => index.search("wombat", {}, 5).hits[0]?.source.gone)).toBe(false)
})
