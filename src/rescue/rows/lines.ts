/** Rows of a session as lines of JSON: lossless, and in the order of the conversation. */
import {
  type RowLine,
  type RowRelations,
  type RowsLine,
  type RowValue,
  rowsFormat,
  rowsVersion,
  type SessionRows,
} from "../../domain/rows/rows.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { quoteName, readSchema, type SessionTable, sessionTables } from "./tables.ts"
import { encodeValue, rawReader, type SqlValue, selectList } from "./values.ts"

/** `conversation`: only sessions and what is said in them, for those who read and do not save. */
export type LineScope = "all" | "conversation"

/**
 * The session's rows with those of its child sessions, as one state of the database has them: first what the lines are,
 * the schema, and the tables that describe it, then the sessions, each row with what belongs to it.
 */
export function* sessionLines(
  database: Database,
  { key, relations }: Pick<SessionRows, "key" | "relations">,
  scope: LineScope = "all",
): Generator<RowsLine> {
  const tables = sessionTables(database, relations)
  const family = readFamily(database, key, relations)
  if (family.length === 0) return
  if (scope === "all") {
    yield { format: rowsFormat, formatVersion: rowsVersion, key, relations }
    const keys = new Map(tables.map((each) => [each.name, each.key]))
    for (const { name, kind, sql } of readSchema(database)) {
      const known = keys.get(name)
      yield { schema: { name, kind, sql, ...(known === undefined ? {} : { key: known }) } }
    }
    for (const table of tables.filter(({ by }) => by.kind === "whole")) yield* readWhole(database, table)
    for (const table of tables.filter(({ by }) => by.kind === "shared"))
      yield* readShared(database, table, family, relations)
  }
  const reader = new RowReader(database, tables, key)
  const [root, ...others] = tables.filter(({ by }) => by.kind === "session")
  if (root === undefined) return
  for (const session of family) {
    yield* reader.of(root, session)
    for (const table of others)
      if (scope === "all" || isConversation(table, tables)) yield* reader.of(table, session)
  }
  if (scope === "all") yield* reader.dangling(family)
}

/** Messages are those that others belong to, and what an agent calls so. */
function isConversation({ name }: SessionTable, tables: readonly SessionTable[]): boolean {
  return name === "message" && tables.some(({ by }) => by.kind === "row" && by.table === name)
}

/** The session and its child sessions, also those of children, parents first. */
function readFamily(database: Database, key: string, { root }: RowRelations): readonly string[] {
  const [table, id] = [quoteName(root.table), quoteName(root.key)]
  const start = `select ${id} as id, 0 as depth from ${table} where ${id} = ?`
  const sql =
    root.parent === null
      ? start
      : `with recursive family(id, depth) as (${start} union select ${table}.${id}, depth + 1 from ${table}
           join family on ${table}.${quoteName(root.parent)} = family.id where depth < 100)
         select id, min(depth) as depth from family group by id order by depth, id`
  return database
    .query<{ id: string }, [string]>(sql)
    .all(key)
    .map(({ id }) => id)
}

function* readWhole(database: Database, table: SessionTable): Generator<RowLine> {
  yield* rowsOfTable(database, table, "", [])
}

function* readShared(
  database: Database,
  table: SessionTable,
  family: readonly string[],
  { root }: RowRelations,
): Generator<RowLine> {
  if (table.by.kind !== "shared") return
  const { column, to } = table.by
  const ours = `${quoteName(root.key)} in (select value from json_each(?))`
  const wanted = `select ${quoteName(to)} from ${quoteName(root.table)} where ${ours}`
  yield* rowsOfTable(database, table, `where ${quoteName(column)} in (${wanted})`, [JSON.stringify(family)])
}

class RowReader {
  /** Rows that were yielded with the row that they belong to; only of tables that also name the session. */
  readonly #children: ReadonlyMap<string, readonly SessionTable[]>

  constructor(
    private readonly database: Database,
    private readonly tables: readonly SessionTable[],
    private readonly key: string,
  ) {
    this.#children = Map.groupBy(
      tables.filter(({ by }) => by.kind === "row"),
      ({ by }) => (by.kind === "row" ? by.table : ""),
    )
  }

  /** A session's rows of a table, each with those that belong to it. */
  *of(table: SessionTable, session: string): Generator<RowLine> {
    if (table.by.kind !== "session") return
    const where = `where ${quoteName(table.by.column)} = ?`
    for (const line of rowsOfTable(this.database, table, where, [session]))
      yield this.#withRows(session === this.key ? line : { table: line.table, session, row: line.row }, table)
  }

  #withRows(line: RowLine, table: SessionTable): RowLine {
    const rows = (this.#children.get(table.name) ?? []).flatMap((child): RowLine[] => {
      if (child.by.kind !== "row") return []
      const value = line.row[child.by.to]
      if (typeof value !== "string" && typeof value !== "number") return []
      const where = `where ${quoteName(child.by.column)} = ?`
      return [...rowsOfTable(this.database, child, where, [value])].map((each) => this.#withRows(each, child))
    })
    return rows.length === 0 ? line : { ...line, rows }
  }

  /** Rows that name a session, and belong to a row that is not there. */
  *dangling(family: readonly string[]): Generator<RowLine> {
    for (const table of this.tables) {
      const { by } = table
      if (by.kind !== "row" || by.session === null) continue
      const [own, above] = [quoteName(table.name), quoteName(by.table)]
      const isHeld = `exists (select 1 from ${above} where ${above}.${quoteName(by.to)} = ${own}.${quoteName(by.column)})`
      const where = `where ${quoteName(by.session)} in (select value from json_each(?)) and not ${isHeld}`
      yield* rowsOfTable(this.database, table, where, [JSON.stringify(family)])
    }
  }
}

/** Rows of one table, by themselves. */
export function* rowsOfTable(
  database: Database,
  table: SessionTable,
  where: string,
  bound: readonly SqlValue[],
): Generator<RowLine> {
  const { name, columns, key } = table
  const order = table.order.map(quoteName).join(", ")
  const id = key.length === 0 ? ", rowid" : ""
  const query = database.query(
    `select ${selectList(columns)}${id} from ${quoteName(name)} ${where} order by ${order}`,
  )
  const known = key.length === 0 ? ["rowid"] : key
  const positions = key.length === 0 ? ["rowid"] : key.map((each) => `c${columns.indexOf(each)}`)
  for (const found of query.iterate(...bound) as Iterable<Record<string, SqlValue>>) {
    const types = `${found.types}`
    const values = positions.map((at) => found[at] ?? null)
    const raw = rawReader(database, name, known, values)
    const row: Record<string, RowValue> = {}
    for (const [index, column] of columns.entries())
      row[column] = encodeValue(types[index], found[`c${index}`] ?? null, column, raw)
    yield { table: name, row }
  }
}
