import { dirname } from "node:path"
import type { CusfLine, CusfMessage, CusfSource } from "../../domain/cusf/cusf.ts"
import { RescueError } from "../../domain/errors.ts"
import { makeFolders } from "../../system/fs/durable.ts"
import { withWriteErrors } from "../../system/fs/io-errors.ts"
import { type Database, openDatabase } from "../../system/sqlite/database.ts"
import { classifyDatabaseError, toDatabaseError } from "../../system/sqlite/errors.ts"

const schemaNumber = 1

/** `text`: the content's texts, one after the other, as a query needs them; `content`: all of it, as JSON. */
const schema = `
  create table if not exists session (
    export text primary key, session_id text not null, llm text not null, exported_at text not null,
    title text, cwd text, manifest_sha256 text not null, tool text not null
  );
  create table if not exists message (
    export text not null references session, seq integer not null, session_id text not null,
    role text not null, timestamp text, model text, subagent text, text text not null, content text not null,
    usage text, damaged text, file text not null, offset integer not null, length integer not null,
    sha256 text not null, primary key (export, seq)
  );
  pragma user_version = ${schemaNumber};`

/** Adds one session to the database, whole or not at all; false when that export is in it already. */
export async function addToDatabase(
  path: string,
  { name }: CusfSource,
  lines: AsyncIterable<CusfLine>,
  signal: AbortSignal,
): Promise<boolean> {
  withWriteErrors(path, () => makeFolders(dirname(path), false))
  let database: Database | null = null
  try {
    database = openDatabase(path)
    prepare(database, path)
    if (database.query("select 1 from session where export = ?").get(name) !== null) return false
    database.run("begin immediate")
    for await (const line of lines) insert(database, name, line)
    signal.throwIfAborted()
    database.run("commit")
    return true
  } catch (error) {
    throw classifyDatabaseError(error) === "damaged" ? notOurs(path, error) : toDatabaseError(error, path)
  } finally {
    database?.close() // without a commit nothing stays
  }
}

function prepare(database: Database, path: string): void {
  const version = database.query<{ user_version: number }, []>("pragma user_version").get()?.user_version ?? 0
  const tables = database.query<{ count: number }, []>("select count(*) as count from sqlite_master").get()
  if (version === schemaNumber) return
  if (version === 0 && tables?.count === 0) {
    database.run(schema)
    return
  }
  throw notOurs(path)
}

function notOurs(path: string, cause?: unknown): RescueError {
  return new RescueError("CANNOT_WRITE", `${path} is no database of sx`, "choose another --output", { cause })
}

function insert(database: Database, name: string, line: CusfLine): void {
  if ("_meta" in line) {
    const { session_id, llm, exported_at, title, cwd, manifest_sha256, tool } = line._meta
    database
      .query("insert into session values (?, ?, ?, ?, ?, ?, ?, ?)")
      .run(name, session_id, llm, exported_at, title, cwd, manifest_sha256, tool)
    return
  }
  database
    .query("insert into message values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    .run(name, ...columnsOf(line))
}

function columnsOf(message: CusfMessage) {
  const { seq, session_id, role, timestamp, model, subagent, content, usage, damaged, source } = message
  return [
    ...[seq, session_id, role, timestamp, model, subagent],
    content.map(({ text }) => text).join("\n"),
    JSON.stringify(content),
    usage === null ? null : JSON.stringify(usage),
    ...[damaged, source.file, source.offset, source.length, source.sha256],
  ]
}
