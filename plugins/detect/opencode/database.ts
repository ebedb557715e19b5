/** The sessions in OpenCode's databases (tables of 1.18.33: observed; columns of other versions are left out). */
import {
  type Context,
  type DatabaseReader,
  greatest,
  parseSessionId,
  type RowRelations,
  readDatabase,
  rowsPath,
  type SessionId,
  type SessionRows,
} from "session-rescue"
import { databaseNames } from "./homes.ts"

/** Which rows are a session's. Keys of the schema itself are followed besides, so that a newer one is read, too. */
const relations: RowRelations = {
  root: { table: "session", key: "id", parent: "parent_id" },
  columns: ["session_id", "aggregate_id"],
  schema: ["migration", "data_migration", "__drizzle_migrations"],
  never: ["account", "account_state", "control_account", "credential", "session_share"],
}

export interface StoredSession {
  readonly id: SessionId
  readonly home: string
  readonly database: string
  readonly cwd: string | null
  readonly title: string | null
  readonly version: string | null
  readonly startedAt: number | null
  /** The last write to it or to a child session. */
  readonly updatedAt: number | null
  readonly archived: boolean
  readonly children: readonly string[]
  readonly rows: SessionRows
}

interface Row {
  readonly id: string
  readonly parent: string | null
  readonly directory: string | null
  readonly title: string | null
  readonly version: string | null
  readonly created: number | null
  readonly updated: number | null
  readonly archived: number | null
  readonly changes: number | string | null
}

/** Every session of a home, of all its databases. A damaged database is reported, and hides no other. */
export function readSessions(ctx: Context, home: string): readonly StoredSession[] {
  return databaseNames(ctx, home).flatMap((name) => {
    const path = `${home}/${name}`
    try {
      const reader = readDatabase(ctx, path)
      return reader === null ? [] : sessionsIn(ctx, home, path, reader)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      ctx.warn(
        `${path} cannot be read (${why}): its sessions are not listed. Keep the file, and do not let a client remove it: session-rescue repair ${path}`,
      )
      return []
    }
  })
}

function sessionsIn(
  ctx: Context,
  home: string,
  path: string,
  reader: DatabaseReader,
): readonly StoredSession[] {
  const columns = reader.columns("session")
  if (columns.length === 0) {
    ctx.warn(`${path} has no sessions in it: copied without its -wal file, it looks like this`)
    return []
  }
  const pick = (column: string) => (columns.includes(column) ? `session."${column}"` : "null")
  const rows = reader.all<Row>(
    `select session.id as id, ${pick("parent_id")} as parent, ${pick("directory")} as directory, ${pick("title")} as title,
       ${pick("version")} as version, ${pick("time_created")} as created, ${pick("time_updated")} as updated,
       ${pick("time_archived")} as archived, ${changesOf(reader)} as changes from session`,
  )
  const byParent = Map.groupBy(rows, ({ parent }) => parent)
  const known = new Set(rows.map(({ id }) => id))
  const writtenAt =
    greatest([path, `${path}-wal`].flatMap((each) => ctx.files.stat(each)?.modifiedAt ?? [])) ?? 0
  return rows.flatMap((row): StoredSession[] => {
    const id = parseSessionId(row.id)
    // a child whose parent is gone is a session of its own: nothing else would save it
    if (id === null || (row.parent !== null && known.has(row.parent))) return []
    const family = familyOf(row, byParent)
    const key = { database: path, key: row.id }
    return [
      {
        id,
        home,
        database: path,
        cwd: row.directory,
        title: row.title,
        version: row.version,
        startedAt: row.created,
        updatedAt: greatest(family.flatMap(({ updated }) => updated ?? [])),
        archived: row.archived !== null,
        children: family.slice(1).map((each) => each.id),
        rows: { ...key, relations, version: versionOf(family), writtenAt },
      },
    ]
  })
}

/**
 * What grows with every change of a session: the sequence number of its events (1.18.33, observed). Versions without events:
 * the newest write to its parts, and their number.
 */
function changesOf(reader: DatabaseReader): string {
  if (reader.columns("event_sequence").includes("aggregate_id"))
    return "(select seq from event_sequence where aggregate_id = session.id)"
  if (reader.columns("part").includes("session_id"))
    return "(select max(time_updated) || '/' || count(*) from part where session_id = session.id)"
  return "null"
}

function familyOf(row: Row, byParent: ReadonlyMap<string | null, readonly Row[]>): readonly Row[] {
  const family = [row]
  const seen = new Set([row.id])
  for (let at = 0; at < family.length; at++)
    for (const child of byParent.get(family[at]?.id ?? null) ?? []) {
      if (seen.has(child.id)) continue
      seen.add(child.id)
      family.push(child)
    }
  return family
}

/** "" when nothing counts its changes. */
function versionOf(family: readonly Row[]): string {
  if (family.every(({ changes }) => changes === null)) return ""
  return family.map(({ id, updated, changes }) => `${id.slice(-6)} ${updated}.${changes}`).join(" ")
}

export function placeOf({ rows }: StoredSession): string {
  return rowsPath(rows)
}
