import type { RowRelations } from "../../domain/rows/rows.ts"
import type { Database } from "../../system/sqlite/database.ts"

/** A table with rows of sessions, as the database itself describes it. */
export interface SessionTable {
  readonly name: string
  readonly columns: readonly string[]
  /** The columns by which a row is known; all of them where the schema names none. */
  readonly key: readonly string[]
  readonly order: readonly string[]
  /** How a row is found: its column holds a session's key, or it belongs to a row of another table. */
  readonly by:
    | { readonly kind: "session"; readonly column: string }
    | {
        readonly kind: "row"
        readonly table: string
        readonly column: string
        readonly to: string
        /** A column that holds its session's key as well. */
        readonly session: string | null
      }
    /** Rows that a session's row refers to, and others as well: its project. */
    | { readonly kind: "shared"; readonly table: string; readonly column: string; readonly to: string }
    | { readonly kind: "whole" }
}

export interface SchemaEntry {
  readonly name: string
  readonly kind: string
  readonly sql: string
}

interface ForeignKey {
  readonly table: string
  readonly from: string
  readonly to: string | null
}

/** Names that suggest what must not leave the machine, in versions of the schema that are not known here. */
const secretName = /credential|account|secret|oauth|auth_token/i

function isSecretTable(name: string, { never }: RowRelations): boolean {
  return never.includes(name) || secretName.test(name) // safety: rows-never
}

/** The schema, whole: a client finds its tables again where nothing else is. */
export function readSchema(database: Database): readonly SchemaEntry[] {
  return database
    .query<SchemaEntry, []>(
      "select name, type as kind, sql from sqlite_master where sql is not null and name not like 'sqlite\\_%' escape '\\' order by rowid",
    )
    .all()
}

/**
 * The tables with rows of a session, from the schema alone, so that those of a newer client are among them. Tables that
 * belong to others come after them.
 */
export function sessionTables(database: Database, relations: RowRelations): readonly SessionTable[] {
  const { root } = relations
  const names = readSchema(database)
    .filter(
      ({ kind, name, sql }) =>
        kind === "table" && !isSecretTable(name, relations) && !/^create\s+virtual/i.test(sql),
    )
    .map(({ name }) => name)
  const found = new Map<string, SessionTable>()
  const described = new Map(names.map((name) => [name, describe(database, name)]))
  const add = (name: string, by: SessionTable["by"]) => {
    const about = described.get(name)
    if (about !== undefined) found.set(name, { name, ...about, by })
  }
  if (!described.has(root.table)) return []
  add(root.table, { kind: "session", column: root.key })
  for (const name of names) if (relations.schema.includes(name)) add(name, { kind: "whole" })
  for (let grown = -1; grown !== found.size; ) {
    grown = found.size
    for (const name of names.filter((each) => !found.has(each))) {
      const by = ownerOf(name, described.get(name), found, relations)
      if (by !== null) add(name, by)
    }
  }
  for (const { table, from, to } of described.get(root.table)?.references ?? [])
    if (!found.has(table)) add(table, { kind: "shared", table: root.table, column: to ?? "id", to: from })
  return [...found.values()]
}

function ownerOf(
  name: string,
  about: ReturnType<typeof describe> | undefined,
  found: ReadonlyMap<string, SessionTable>,
  { root, columns }: RowRelations,
): SessionTable["by"] | null {
  if (about === undefined) return null
  const session =
    about.columns.find((column) => columns.includes(column)) ??
    about.references.find(({ table }) => table === root.table)?.from ??
    null
  // a part is kept with its message, though it names the session as well
  const above = about.references.find(({ table, from }) => {
    const owner = found.get(table)
    const isOwned = owner?.by.kind === "session" || owner?.by.kind === "row"
    return table !== root.table && table !== name && from !== session && isOwned
  })
  if (above !== undefined) {
    const to = above.to ?? found.get(above.table)?.key[0] ?? "id"
    return { kind: "row", table: above.table, column: above.from, to, session }
  }
  return session === null ? null : { kind: "session", column: session }
}

function describe(database: Database, name: string) {
  const quoted = quoteName(name)
  const info = database
    .query<{ name: string; pk: number }, []>(`pragma table_xinfo(${quoted})`)
    .all()
    .map((each) => ({ ...each, hidden: (each as { hidden?: number }).hidden ?? 0 }))
    .filter(({ hidden }) => hidden === 0)
  const columns = info.map((each) => each.name)
  const key = info
    .filter(({ pk }) => pk > 0)
    .toSorted((a, b) => a.pk - b.pk)
    .map((each) => each.name)
  const order = [
    ...["time_created", "seq", "position"].filter((each) => columns.includes(each)),
    ...(key.length > 0 ? key : ["rowid"]),
  ]
  const references = database.query<ForeignKey, []>(`pragma foreign_key_list(${quoted})`).all()
  return { columns, key, order, references }
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
