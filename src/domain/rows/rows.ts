/** Sessions that are rows of a SQLite database which many sessions share, and the lines that stand for their rows. */

/** Which rows of a database are a session's. Plain data, so that it can be read again without its agent's plugin. */
export interface RowRelations {
  /** The table with a row for each session, its key, and the column by which a child names the session it belongs to. */
  readonly root: { readonly table: string; readonly key: string; readonly parent: string | null }
  /** Columns with the key of a session, in whichever tables; foreign keys that the schema declares are followed besides. */
  readonly columns: readonly string[]
  /** Tables that say what the schema is, copied whole. */
  readonly schema: readonly string[]
  /** Tables of which no row is ever read. */
  readonly never: readonly string[]
}

/** Where a session's rows are. */
export interface SessionRows {
  readonly database: string
  readonly key: string
  readonly relations: RowRelations
  /** Differs once any of its rows has changed, as far as the agent counts that; "" when it does not. */
  readonly version: string
  /** When the database was last written, in milliseconds: its log's time, or its own. */
  readonly writtenAt: number
}

/** The name under which a session of a database is known where others have a file. */
export function rowsPath({ database, key }: Pick<SessionRows, "database" | "key">): string {
  return `${database}#${key}`
}

/** A value as JSON: what JSON has no exact form for is in an object with one key. */
export type RowValue =
  | null
  | string
  | number
  | { readonly integer: string }
  | { readonly real: string }
  | { readonly blob: string }
  /** Text that is not UTF-8, in base64. */
  | { readonly text: string }
  /** Text that is JSON, and is exactly what `JSON.stringify` makes of it. */
  | { readonly json: unknown }

export interface RowLine {
  readonly table: string
  /** Set for rows of a child session. */
  readonly session?: string
  readonly row: Readonly<Record<string, RowValue>>
  /** Rows that belong to this one, by a foreign key. */
  readonly rows?: readonly RowLine[]
}

export interface SchemaLine {
  readonly schema: {
    readonly name: string
    readonly kind: string
    readonly sql: string
    /** The columns by which a row of the table is known. */
    readonly key?: readonly string[]
  }
}

export const rowsFormat = "session-rescue-rows"
export const rowsVersion = 1

interface HeadLine {
  readonly format: typeof rowsFormat
  readonly formatVersion: number
  readonly key: string
  readonly relations: RowRelations
}

export type RowsLine = HeadLine | SchemaLine | RowLine

export function isRow(line: RowsLine): line is RowLine {
  return "table" in line
}

/** A row and all that belong to it. */
export function* withNested(line: RowLine): Generator<RowLine> {
  yield line
  for (const each of line.rows ?? []) yield* withNested(each)
}

/** The text of a column that holds text; null for anything else. */
export function textOf(value: RowValue | undefined): string | null {
  if (typeof value === "string") return value
  return typeof value === "object" && value !== null && "json" in value ? JSON.stringify(value.json) : null
}

/** Identifies a row in its database. */
export function rowKey({ table, row }: RowLine, key: readonly string[] | undefined): string {
  const columns = key === undefined || key.length === 0 ? Object.keys(row) : key
  return JSON.stringify([table, ...columns.map((column) => row[column] ?? null)])
}

/** What grows when a row is written again: its time, or its number; null where it has neither. */
export function revisionOf({ row }: RowLine): number | null {
  const revision = row.time_updated ?? row.seq
  return typeof revision === "number" ? revision : null
}

/** What "verified" means for rows, as manifests say it. */
export const rowsVerified =
  "after the copy was flushed, it was read back and compared, row by row, with a second reader's view of the same commit"
