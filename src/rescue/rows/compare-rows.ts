import { RescueError } from "../../domain/errors.ts"
import {
  isRow,
  type RowLine,
  type RowRelations,
  revisionOf,
  rowKey,
  type SchemaLine,
  withNested,
} from "../../domain/rows/rows.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { readLines } from "./contained-rows.ts"
import { rowsOfTable, sessionLines } from "./lines.ts"
import { quoteName, type SessionTable, sessionTables } from "./tables.ts"
import { decodeValue } from "./values.ts"

/** A file of rows, read whole: it is about to be written to a database. */
export interface RowsFile {
  readonly schema: readonly SchemaLine["schema"][]
  readonly rows: readonly RowLine[]
  readonly keys: ReadonlyMap<string, readonly string[]>
}

export async function readRowsFile(stream: AsyncIterable<Uint8Array>): Promise<RowsFile> {
  const schema: SchemaLine["schema"][] = []
  const rows: RowLine[] = []
  for await (const line of readLines(stream)) {
    if (isRow(line)) rows.push(...withNested(line))
    else if ("schema" in line) schema.push(line.schema)
  }
  return {
    schema,
    rows,
    keys: new Map(schema.flatMap(({ name, key }) => (key === undefined ? [] : [[name, key]]))),
  }
}

/** How the rows of a file compare with those in a database. */
export interface RowsComparison {
  /** Rows that the database lacks. */
  readonly missing: readonly RowLine[]
  /** Rows that are there, and were written since. */
  readonly later: number
  /** Rows of the session that are there besides. */
  readonly more: number
  /** Rows that are there, and are neither the same nor later. */
  readonly different: readonly RowLine[]
}

interface Held {
  readonly text: string
  readonly updated: number | null
}

/** Rows that describe the schema are the database's own; those that others refer to as well count only where they lack. */
export function compareRows(
  database: Database,
  { rows, keys }: RowsFile,
  session: { readonly key: string; readonly relations: RowRelations },
): RowsComparison {
  const tables = new Map(sessionTables(database, session.relations).map((each) => [each.name, each]))
  const kindOf = (table: string) => tables.get(table)?.by.kind ?? ""
  assertFits(tables, rows, session.relations)
  const held = new Map<string, Held>()
  for (const line of sessionLines(database, session)) {
    if (!isRow(line)) continue
    for (const row of withNested(line))
      held.set(rowKey(row, keys.get(row.table)), {
        text: JSON.stringify(row.row),
        updated: revisionOf(row),
      })
  }
  const missing: RowLine[] = []
  const different: RowLine[] = []
  let later = 0
  for (const row of rows) {
    const kind = kindOf(row.table)
    if (kind === "whole") continue
    const key = rowKey(row, keys.get(row.table))
    const table = tables.get(row.table)
    const its = held.get(key) ?? (table === undefined ? undefined : lookUp(database, table, row))
    held.delete(key)
    if (its === undefined) missing.push(row)
    else if (kind === "shared" || its.text === JSON.stringify(row.row)) continue
    else if (isLater(its.updated, revisionOf(row))) later++
    else different.push(row)
  }
  const isOwn = (key: string) => !["whole", "shared"].includes(kindOf(String(JSON.parse(key)[0])))
  return { missing, later, different, more: [...held.keys()].filter(isOwn).length }
}

/** A row that is there though its session is not, or that belongs to more than this session. */
function lookUp(database: Database, table: SessionTable, { row }: RowLine): Held | undefined {
  const key = table.key.length === 0 ? table.columns : table.key
  const values = key.map((column) => decodeValue(row[column] ?? null))
  const where = key.map((column, index) => `${quoteName(column)} is ${values[index]?.as}`).join(" and ")
  for (const found of rowsOfTable(
    database,
    table,
    `where ${where}`,
    values.map(({ bound }) => bound),
  ))
    return { text: JSON.stringify(found.row), updated: revisionOf(found) }
  return undefined
}

function isLater(its: number | null, ours: number | null): boolean {
  return its !== null && ours !== null && its > ours
}

/** Throws when the database was made by a client that does not know what the rows hold. */
function assertFits(
  tables: ReadonlyMap<string, SessionTable>,
  rows: readonly RowLine[],
  relations: RowRelations,
): void {
  const checked = new Set<string>()
  for (const { table, row } of rows) {
    if (checked.has(table) || relations.schema.includes(table)) continue
    checked.add(table)
    const known = tables.get(table)
    const lacks =
      known === undefined ? [] : Object.keys(row).filter((column) => !known.columns.includes(column))
    if (known !== undefined && lacks.length === 0) continue
    const what = known === undefined ? `no table ${table}` : `no column ${table}.${lacks[0]}`
    throw new RescueError(
      "REFUSED",
      `the database there has ${what}: another version of the client made it, and nothing was written`,
      "start the newer client once, or unpack it elsewhere: --to /some/folder",
    )
  }
}
