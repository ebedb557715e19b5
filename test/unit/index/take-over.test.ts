/** Indexes that older versions wrote (test/fixtures/index) are upgraded or taken over by themselves. */
import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { readParts } from "../../../plugins/detect/claude-code/parts/parts.ts"
import { indexStateAt } from "../../../src/index/index.ts"
import { createSchema } from "../../../src/index/store/schema.ts"
import { readRange } from "../../../src/system/fs/read-range.ts"
import { record, toolResult, user } from "../../fixtures/talk/conversation.ts"
import { IndexHarness, prompts, silentProgress } from "./index-harness.ts"

let harness: IndexHarness
beforeEach(() => {
  harness = new IndexHarness()
})
afterEach(() => harness.dispose())

/** The session that is in both. */
const old = "a0000001-1111-4222-8333-444444444444"

async function writtenBy(version: 1 | 2): Promise<void> {
  const packed = await Bun.file(
    join(import.meta.dir, `../../fixtures/index/version-${version}.db.zst`),
  ).bytes()
  mkdirSync(dirname(harness.database), { recursive: true })
  writeFileSync(harness.database, Bun.zstdDecompressSync(packed))
}

const another = () => harness.write(prompts({ ...harness.talk, id: old.replace("a", "b") }, ["still there"]))

const tokensOf = () => harness.ask((index) => index.tokens("session", { limit: 9 }))

describe("version 1", () => {
  test("is set aside; what was said in files that are gone stays findable, with its calls, costs and title", async () => {
    await writtenBy(1)
    expect(indexStateAt(harness.database)).toBe("unusable")
    await harness.read(another())
    expect(harness.aside.join()).toContain("8 parts of files that are gone were taken over")
    expect(harness.texts("wombat", { kind: "text" })).toEqual(["a purged wombat"])
    expect(harness.texts("draft").toSorted()).toEqual(["first draft of a marmot", "second draft"])
    expect(harness.texts("still")).toEqual(["still there"])
    const [hit] = harness.ask((index) => index.search("badger", { kind: "tool_result" }, 5).hits)
    expect(hit).toMatchObject({ title: "the old one", isError: true, source: { gone: true } })
    expect(harness.ask((index) => index.part(hit?.answers ?? 0)?.kind)).toBe("tool_use")
    expect(harness.ask((index) => index.files({}, 5)).map(({ path }) => path)).toEqual(["/work/one/den.txt"])
    expect(tokensOf()).toMatchObject([
      { key: old, input: 40, cacheWrite: 12, cacheRead: 16, output: 80, answers: 4 },
    ])
  })

  test("what is met again, as after a restore, is there once", async () => {
    await writtenBy(1)
    await harness.read(another())
    const again = JSON.stringify({
      ...{ parentUuid: null, isSidechain: false, userType: "external", cwd: "/work/one", sessionId: old },
      ...{ version: "2.1.332", gitBranch: "main", uuid: "00000000-0000-4000-8000-000000000001" },
      ...{ timestamp: "2026-03-01T10:00:01.000Z", ...user("a purged wombat") },
    })
    await harness.read(harness.write(`${again}\n`, "restored.jsonl"))
    expect(harness.texts("wombat", { kind: "text" })).toEqual(["a purged wombat"])
    const [hit] = harness.ask((index) => index.search("wombat", { kind: "text" }, 5).hits)
    expect(hit?.source).toMatchObject({ path: harness.path("restored.jsonl"), gone: false })
  })
})

describe("version 2", () => {
  test("is upgraded in place: nothing is set aside, and nothing is lost", async () => {
    await writtenBy(2)
    expect(indexStateAt(harness.database)).toBe("outdated")
    expect(() => harness.texts("wombat")).toThrow("older version")
    await harness.read(another())
    expect([harness.aside, indexStateAt(harness.database)]).toEqual([[], "usable"])
    expect(harness.texts("wombat", { kind: "text" })).toEqual(["a purged wombat"])
    expect(harness.texts("draft").toSorted()).toEqual(["first draft of a marmot", "second draft"])
    expect(harness.ask((index) => index.stats().sources)).toEqual({ present: 3, missing: 0, superseded: 1 })
    expect(harness.ask((index) => index.files({}, 5)).map(({ path }) => path)).toEqual(["/work/one/den.txt"])
    expect(tokensOf()).toMatchObject([
      { key: old, input: 40, cacheWrite: 12, cacheRead: 16, output: 80, answers: 4 },
    ])
  })

  test("has the tables, columns and indexes of a new one afterwards", async () => {
    await writtenBy(2)
    harness.writer().close()
    const fresh = new Database(":memory:")
    createSchema(fresh)
    const upgraded = new Database(harness.database)
    expect(shapeOf(upgraded)).toEqual(shapeOf(fresh))
    fresh.close()
    upgraded.close()
  })

  test("a file is read on from where it was left; the result of an open call is known to be this program's", async () => {
    await writtenBy(2)
    const writer = harness.writer()
    const known = [...writer.presentFiles()].find(({ path }) => path.endsWith("/talk.jsonl"))
    const source = writer.known(known?.path ?? "")
    if (source === null) throw new Error("the file is not known")
    const result = record({ ...harness.talk, id: old }, 90, toolResult("c9", "an answer of wombats"))
    const path = harness.write(
      Buffer.concat([Buffer.alloc(source.readTo), Buffer.from(result)]),
      "talk.jsonl",
    )
    writer.close()
    const asked = new Database(harness.database)
    asked.run("update source set head_sum = 0, tail_sum = 0 where id = ?", [source.id])
    asked.close()
    const size = source.readTo + Buffer.byteLength(result)
    const about = { path: source.path, file: source.file, size, place: "archived", session: old } as const
    const report = await harness.read(
      harness.source(path, { ...about, open: (from, length) => readRange(path, from, length) }),
    )
    expect(report).toMatchObject({ state: "appended", parts: 1 })
    expect(harness.texts("answer wombats", { kind: "tool_result" })).toEqual([])
    expect(harness.texts("answer wombats", { kind: "tool_result", allParts: true })).toEqual([
      "an answer of wombats",
    ])
  })

  test("two processes that open it at once upgrade it once", async () => {
    await writtenBy(2)
    const [one, other] = [harness.writer(), harness.writer()]
    one.close()
    await other.update(harness.source(another()), readParts, silentProgress)
    other.close()
    expect([harness.aside, harness.texts("still")]).toEqual([[], ["still there"]])
  })
})

/** Names of tables and indexes, and the columns of each. */
function shapeOf(database: Database): unknown {
  const columns = (name: string) =>
    database
      .query<{ name: string; type: string }, [string]>("select name, type from pragma_table_info(?)")
      .all(name)
  return database
    .query<{ type: string; name: string }, []>(
      "select type, name from sqlite_schema where name not like 'sqlite_%' and name not like 'looked' order by name",
    )
    .all()
    .map(({ type, name }) => ({ type, name, columns: type === "table" ? columns(name) : [] }))
}
