/** Rows as lines and back: nothing of a value is lost, whatever it is. */
import { Database } from "bun:sqlite"
import { afterAll, beforeAll, expect, test } from "bun:test"
import { createReadStream, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { silent } from "../../../../src/domain/progress.ts"
import type { SessionRows } from "../../../../src/domain/rows/rows.ts"
import { issueReceipt, reasonNotCovered, recordProof } from "../../../../src/rescue/receipt.ts"
import { areRowsInDatabase } from "../../../../src/rescue/rows/contained-rows.ts"
import { copyRows } from "../../../../src/rescue/rows/copy-rows.ts"
import { restoreRows } from "../../../../src/rescue/rows/restore-rows.ts"
import { openPair } from "../../../../src/system/sqlite/snapshot.ts"
import { pid } from "../../../fixtures/session.ts"

const folder = mkdtempSync(join(tmpdir(), "rows-"))
const path = join(folder, "shared.db")
const relations = {
  root: { table: "session", key: "id", parent: null },
  columns: ["session_id"],
  schema: [],
  never: [],
}
const rows: SessionRows = { database: path, key: "s1", relations, version: "", writtenAt: 0 }
const progress = silent(new AbortController().signal)
let database: Database

/** As SQL writes them. */
const values = [
  ...["null", "0", "-1", "9007199254740993", "-9223372036854775808", "1.5", "5.0", "-0.0", "1e300", "9e999"],
  ...[
    "''",
    "'text'",
    `'{"a":1}'`,
    `'{ "a": 1 }'`,
    `'[1.0]'`,
    `'{"a":1,"a":2}'`,
    `'{"n":12345678901234567890}'`,
  ],
  ...["x''", "x'00ff'", "cast(x'ff41' as text)", "cast(x'410042' as text)", "'\uFFFD'", "'\u2028'"],
]

beforeAll(() => {
  database = new Database(path)
  database.run("pragma journal_mode = wal")
  database.run("create table session (id text primary key)")
  database.run("create table thing (id integer primary key, session_id text, value)")
  database.run("create table bag (session_id text, value)")
  database.run("create index things on thing (session_id)")
  database.run("insert into session values ('s1'), ('s2')")
  for (const each of values) {
    database.run(`insert into thing (session_id, value) values ('s1', ${each})`)
    database.run(`insert into bag values ('s1', ${each})`)
  }
})
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true })
})

const told = (of: Database, table: string) =>
  of
    .query(
      `select typeof(value) as type, hex(cast(value as blob)) as bytes, quote(value) as quoted from ${table} order by rowid`,
    )
    .all()

test("every value comes back as it was, type and bytes", async () => {
  const file = join(folder, "copy.jsonl")
  const { tables } = await copyRows(rows, file, false, progress)
  expect(tables).toEqual({ session: 1, thing: values.length, bag: values.length })
  const fresh = join(folder, "fresh.db")
  await restoreRows(fresh, { file, build: join(folder, "build"), session: rows, force: false })
  const restored = new Database(fresh)
  for (const table of ["thing", "bag"]) expect(told(restored, table)).toEqual(told(database, table))
  expect(restored.query("select id from session").all()).toEqual([{ id: "s1" }])
  expect(restored.query("select count(*) as count from sqlite_master where name = 'things'").get()).toEqual({
    count: 1,
  })
  restored.close()
})

test("both readers see one commit, whatever is written between", () => {
  const pair = openPair(path)
  database.run("insert into session values ('s3')")
  const count = (each?: Database) => each?.query("select count(*) as count from session").get()
  expect(count(pair?.first)).toEqual({ count: 2 })
  expect(count(pair?.second)).toEqual({ count: 2 })
  expect(pair?.isIntact()).toBe(true)
  pair?.close()
})

test("what a dead run left is recognised by its rows, its last one torn or not; anything else is not", async () => {
  const file = join(folder, "left.jsonl")
  await copyRows(rows, file, false, progress)
  const text = readFileSync(file)
  const of = (bytes: Uint8Array) =>
    areRowsInDatabase(
      (async function* () {
        yield bytes
      })(),
      rows,
    )
  expect(await of(text)).toBe(true)
  expect(await of(text.subarray(0, text.length - 10))).toBe(true)
  expect(await of(Buffer.concat([text.subarray(0, text.length - 10), Buffer.from("zz")]))).toBe(false)
  expect(await of(Buffer.from(text.toString().replace('"text"', '"other"')))).toBe(false)
  expect(
    await areRowsInDatabase(createReadStream(file), { ...rows, database: join(folder, "none.db") }),
  ).toBe(false)
})

test("a receipt does not open what was written since, and does open what only others wrote", async () => {
  const file = join(folder, "proof.jsonl")
  const { sha256, length, device, inode, changedAt } = await copyRows(rows, file, false, progress)
  const source = `${path}#s1`
  const nothing = { id: null, path: file, manifest: null, bytes: 0, files: 1, sha256, md5: null }
  const proof = { source, length, device, inode, changedAt, rows: { ...rows, sha256 } }
  const result = recordProof({ ...nothing, status: "verified" }, [proof])
  const holder = { pid: pid(4711), startMark: "100" }
  const receipt = issueReceipt(holder, [result], [source])
  if (receipt === null) throw new Error("no receipt")
  database.run("insert into thing (session_id, value) values ('s2', 1)")
  expect(reasonNotCovered(receipt, holder, [source])).toBeNull()
  database.run("insert into thing (session_id, value) values ('s1', 1)")
  expect(reasonNotCovered(receipt, holder, [source])).toBe("it has written since the export")
})
