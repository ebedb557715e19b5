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
import { Desk, prompts, quietly } from "./index-harness.ts"

let desk: Desk
beforeEach(() => {
  desk = new Desk()
})
afterEach(() => desk.dispose())

/** The session that is in both. */
const old = "a0000001-1111-4222-8333-444444444444"

async function writtenBy(version: 1 | 2): Promise<void> {
  const packed = await Bun.file(
    join(import.meta.dir, `../../fixtures/index/version-${version}.db.zst`),
  ).bytes()
  mkdirSync(dirname(desk.database), { recursive: true })
  writeFileSync(desk.database, Bun.zstdDecompressSync(packed))
}

const another = () => desk.write(prompts({ ...desk.talk, id: old.replace("a", "b") }, ["still there"]))

const tokensOf = () => desk.ask((index) => index.tokens("session", { limit: 9 }))

describe("version 1", () => {
  test("is set aside; what was said in files that are gone stays findable, with its calls, costs and title", async () => {
    await writtenBy(1)
    expect(indexStateAt(desk.database)).toBe("unusable")
    await desk.read(another())
    expect(desk.aside.join()).toContain("8 parts of files that are gone were taken over")
    expect(desk.texts("wombat", { kind: "text" })).toEqual(["a purged wombat"])
    expect(desk.texts("draft").toSorted()).toEqual(["first draft of a marmot", "second draft"])
    expect(desk.texts("still")).toEqual(["still there"])
    const [hit] = desk.ask((index) => index.search("badger", { kind: "tool_result" }, 5).hits)
    expect(hit).toMatchObject({ title: "the old one", isError: true, source: { gone: true } })
    expect(desk.ask((index) => index.part(hit?.answers ?? 0)?.kind)).toBe("tool_use")
    expect(desk.ask((index) => index.files({}, 5)).map(({ path }) => path)).toEqual(["/work/one/den.txt"])
    expect(tokensOf()).toMatchObject([
      { key: old, input: 40, cacheWrite: 12, cacheRead: 16, output: 80, answers: 4 },
    ])
  })

  test("what is met again, as after a restore, is there once", async () => {
    await writtenBy(1)
    await desk.read(another())
    const again = JSON.stringify({
      ...{ parentUuid: null, isSidechain: false, userType: "external", cwd: "/work/one", sessionId: old },
      ...{ version: "2.1.332", gitBranch: "main", uuid: "00000000-0000-4000-8000-000000000001" },
      ...{ timestamp: "2026-03-01T10:00:01.000Z", ...user("a purged wombat") },
    })
    await desk.read(desk.write(`${again}\n`, "restored.jsonl"))
    expect(desk.texts("wombat", { kind: "text" })).toEqual(["a purged wombat"])
    const [hit] = desk.ask((index) => index.search("wombat", { kind: "text" }, 5).hits)
    expect(hit?.source).toMatchObject({ path: desk.path("restored.jsonl"), gone: false })
  })
})

describe("version 2", () => {
  test("is upgraded in place: nothing is set aside, and nothing is lost", async () => {
    await writtenBy(2)
    expect(indexStateAt(desk.database)).toBe("outdated")
    expect(() => desk.texts("wombat")).toThrow("older version")
    await desk.read(another())
    expect([desk.aside, indexStateAt(desk.database)]).toEqual([[], "usable"])
    expect(desk.texts("wombat", { kind: "text" })).toEqual(["a purged wombat"])
    expect(desk.texts("draft").toSorted()).toEqual(["first draft of a marmot", "second draft"])
    expect(desk.ask((index) => index.stats().sources)).toEqual({ present: 3, missing: 0, superseded: 1 })
    expect(desk.ask((index) => index.files({}, 5)).map(({ path }) => path)).toEqual(["/work/one/den.txt"])
    expect(tokensOf()).toMatchObject([
      { key: old, input: 40, cacheWrite: 12, cacheRead: 16, output: 80, answers: 4 },
    ])
  })

  test("has the tables, columns and indexes of a new one afterwards", async () => {
    await writtenBy(2)
    desk.writer().close()
    const fresh = new Database(":memory:")
    createSchema(fresh)
    const upgraded = new Database(desk.database)
    expect(shapeOf(upgraded)).toEqual(shapeOf(fresh))
    fresh.close()
    upgraded.close()
  })

  test("a file is read on from where it was left; the result of an open call is known to be this program's", async () => {
    await writtenBy(2)
    const writer = desk.writer()
    const known = [...writer.presentFiles()].find(({ path }) => path.endsWith("/talk.jsonl"))
    const source = writer.known(known?.path ?? "")
    if (source === null) throw new Error("the file is not known")
    const result = record({ ...desk.talk, id: old }, 90, toolResult("c9", "an answer of wombats"))
    const path = desk.write(Buffer.concat([Buffer.alloc(source.readTo), Buffer.from(result)]), "talk.jsonl")
    writer.close()
    const asked = new Database(desk.database)
    asked.run("update source set head_sum = 0, tail_sum = 0 where id = ?", [source.id])
    asked.close()
    const size = source.readTo + Buffer.byteLength(result)
    const about = { path: source.path, file: source.file, size, place: "archived", session: old } as const
    const report = await desk.read(
      desk.source(path, { ...about, open: (from, length) => readRange(path, from, length) }),
    )
    expect(report).toMatchObject({ state: "appended", parts: 1 })
    expect(desk.texts("answer wombats", { kind: "tool_result" })).toEqual([])
    expect(desk.texts("answer wombats", { kind: "tool_result", allParts: true })).toEqual([
      "an answer of wombats",
    ])
  })

  test("two processes that open it at once upgrade it once", async () => {
    await writtenBy(2)
    const [one, other] = [desk.writer(), desk.writer()]
    one.close()
    await other.update(desk.source(another()), readParts, quietly)
    other.close()
    expect([desk.aside, desk.texts("still")]).toEqual([[], ["still there"]])
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
