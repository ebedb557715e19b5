import type { PartKind, Role } from "../session/part.ts"
import type { Database } from "../system/database.ts"
import { tags } from "./tags.ts"

/** What hits are restricted to. Names are compared without regard to case, and a piece of one is enough. */
export interface Filters {
  /** The beginning of a session's id. */
  readonly session?: string
  /** A piece of the folder the session works in. */
  readonly project?: string
  readonly role?: Role
  readonly kind?: PartKind
  readonly tool?: string
  readonly agent?: string
  readonly model?: string
  /** Milliseconds since 1970; `until` is excluded. */
  readonly since?: number
  readonly until?: number
  readonly errors?: boolean
  readonly commands?: boolean
  readonly files?: boolean
}

/** The filters as words that rows carry, all of them to be there; null when no row can fit. */
export function filterWords(database: Database, filters: Filters): string[] | null {
  const { session, project, role, kind, tool, agent, model } = filters
  const words: string[] = []
  if (role !== undefined) words.push(quoted(tags.role(role)))
  if (kind !== undefined) words.push(quoted(tags.kind(kind)))
  if (filters.errors === true) words.push(quoted(tags.error))
  if (filters.commands === true) words.push(quoted(tags.command))
  if (filters.files === true) words.push(quoted(tags.files))
  const sets: (readonly [number[], (id: number) => string])[] = []
  if (session !== undefined) sets.push([sessionsLike(database, session), tags.session])
  if (project !== undefined) sets.push([namesIn(database, "project", project, false), tags.project])
  if (model !== undefined) sets.push([namesIn(database, "model", model, false), tags.model])
  if (tool !== undefined) sets.push([namesLike(database, tool, true), tags.tool])
  if (agent !== undefined) sets.push([namesLike(database, agent, false), tags.agent])
  for (const [ids, tag] of sets) {
    if (ids.length === 0) return null
    words.push(`(${ids.map((id) => quoted(tag(id))).join(" OR ")})`)
  }
  return words
}

const quoted = (word: string) => `"${word}"`

function sessionsLike(database: Database, prefix: string): number[] {
  const query = database.query<{ id: number }, [string]>(
    "select id from session where uuid like ? escape '\\' limit 500",
  )
  return query.all(`${escaped(prefix)}%`).map(({ id }) => id)
}

/** Of the many names only those that settings use: another use of the same text is another thing. */
function namesIn(database: Database, column: "project" | "model", piece: string, whole: boolean): number[] {
  const query = database.query<{ id: number }, [string]>(
    `select id from name where value like ? escape '\\' and id in (select ${column} from setting) limit 500`,
  )
  return query.all(whole ? escaped(piece) : `%${escaped(piece)}%`).map(({ id }) => id)
}

function namesLike(database: Database, piece: string, whole: boolean): number[] {
  const query = database.query<{ id: number }, [string]>(
    "select id from name where value like ? escape '\\' limit 500",
  )
  return query.all(whole ? escaped(piece) : `%${escaped(piece)}%`).map(({ id }) => id)
}

function escaped(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&")
}
