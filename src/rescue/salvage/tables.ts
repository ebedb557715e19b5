import type { Database } from "../../system/sqlite/database.ts"
import { quoteName } from "../rows/tables.ts"
import type { Row, Value } from "./cells.ts"
import type { SchemaObject } from "./schema.ts"

/** A table as its rows are stored, and as they are put into the new database. */
export interface TableShape {
  readonly entry: SchemaObject
  /** In the order of a stored row. */
  readonly columns: readonly Column[]
  /** The column that is the row's number; it is stored empty. */
  readonly alias: number
  /** Rows are entries of an index. */
  readonly isKeyed: boolean
}

interface Column {
  readonly name: string
  readonly affinity: "integer" | "text" | "real" | "blob" | "numeric"
  readonly isRequired: boolean
}

interface Info {
  readonly name: string
  readonly type: string
  readonly notnull: bigint
  readonly pk: bigint
  readonly hidden: bigint
}

/** The shape of a table that is in the new database already; null for one that holds no rows of its own. */
export function shapeOf(database: Database, entry: SchemaObject): TableShape | null {
  const info = database.query<Info, []>(`pragma table_xinfo(${quoteName(entry.name)})`).all()
  const stored = info.filter(({ hidden }) => hidden === 0n || hidden === 3n)
  const [listed] = database
    .query<{ wr: bigint; type: string }, [string]>("select wr, type from pragma_table_list where name = ?")
    .all(entry.name)
  if (stored.length === 0 || stored.length < info.length || listed?.type !== "table") return null
  const isKeyed = listed.wr === 1n
  const keys = stored.filter(({ pk }) => pk > 0n).toSorted((one, other) => Number(one.pk - other.pk))
  const ordered = isKeyed ? [...keys, ...stored.filter(({ pk }) => pk === 0n)] : stored
  const isAlias = keys.length === 1 && /^integer$/i.test(keys[0]?.type ?? "") && !isKeyed
  const columns = ordered.map(({ name, type, notnull, pk }) => ({
    ...{ name, affinity: affinityOf(type), isRequired: notnull === 1n || (isKeyed && pk > 0n) },
  }))
  return { entry, columns, isKeyed, alias: isAlias ? ordered.indexOf(keys[0] as Info) : -1 }
}

function affinityOf(type: string): Column["affinity"] {
  if (/int/i.test(type)) return "integer"
  if (/char|clob|text/i.test(type)) return "text"
  if (type === "" || /blob/i.test(type)) return "blob"
  return /real|floa|doub/i.test(type) ? "real" : "numeric"
}

/** Whether a row that no readable page leads to can be of this table. */
export function fits({ columns, alias, isKeyed }: TableShape, { values }: Row): boolean {
  if (isKeyed || values.length !== columns.length) return false
  return columns.every(({ affinity, isRequired }, index) => {
    const type = values[index]?.type
    if (index === alias) return type === "null"
    if (type === "null") return !isRequired
    if (affinity === "text") return type === "text"
    if (affinity === "integer") return type === "integer"
    if (affinity === "real") return type === "real" || type === "integer"
    return true
  })
}

const rowNames = ["rowid", "_rowid_", "oid"]

/** Adds rows under their own numbers; false for one that cannot be added. */
export function inserter(
  database: Database,
  { entry, columns, alias, isKeyed }: TableShape,
): (row: Row) => boolean {
  const own = rowNames.find((name) => !columns.some((column) => column.name.toLowerCase() === name))
  const withNumber = alias === -1 && !isKeyed && own !== undefined
  return ({ rowid, values }: Row): boolean => {
    const names = columns.slice(0, values.length).map(({ name }) => quoteName(name))
    const bound = values.slice(0, columns.length).map((value, index) => {
      return index === alias ? bind({ type: "integer", value: BigInt(rowid) }) : bind(value)
    })
    if (withNumber) {
      names.unshift(own)
      bound.unshift({ as: "?", value: BigInt(rowid) })
    }
    const sql = `insert or ignore into ${quoteName(entry.name)} (${names.join(", ")}) values (${bound.map(({ as }) => as).join(", ")})`
    return database.query(sql).run(...bound.map(({ value }) => value)).changes > 0
  }
}

function bind(value: Value) {
  switch (value.type) {
    case "null":
      return { as: "?", value: null }
    case "integer":
      return { as: "?", value: value.value }
    case "real":
      return { as: "cast(? as real)", value: value.value }
    case "text":
      return { as: "cast(? as text)", value: value.value } // bytes: also those that are no text
    case "blob":
      return { as: "?", value: value.value }
  }
}
