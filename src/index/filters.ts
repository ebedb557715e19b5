import type { PartKind, Role } from "../session/part.ts"
import { partKinds, roles } from "../session/part.ts"
import type { Database } from "../system/database.ts"
import { tags } from "./tags.ts"

/** What hits are restricted to. Names are compared without regard to case, and a piece of one is enough. */
export interface Filters {
  /** The beginning of a session's id. */
  readonly session?: string
  /** A piece of the folder the session works in. */
  readonly project?: string
  /** The folder itself, as an absolute path, or one below it. */
  readonly folder?: string
  readonly role?: Role
  readonly kind?: PartKind
  /** A tool's whole name. */
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

/** The filters as expressions for the full-text table, all of them to hold; null when no row can fit. */
export function filterWords(database: Database, filters: Filters): string[] | null {
  const { session, project, folder, role, kind, tool, agent, model } = filters
  const sets: (readonly string[])[] = []
  if (kind !== undefined) sets.push(tags.kinds(kind))
  if (filters.errors === true) sets.push(tags.errors)
  if (filters.commands === true) sets.push(tags.commands)
  if (filters.files === true) sets.push(tags.files)
  if (session !== undefined) sets.push(sessionsLike(database, session).map(tags.session))
  if (project !== undefined) sets.push(used(database, "project", `%${escaped(project)}%`).map(tags.project))
  if (folder !== undefined) sets.push(foldersIn(database, folder).map(tags.project))
  if (model !== undefined) sets.push(used(database, "model", `%${escaped(model)}%`).map(tags.model))
  if (tool !== undefined) sets.push(named(database, escaped(tool)).map(tags.tool))
  if (role !== undefined || agent !== undefined) {
    const agents = agentsLike(database, agent ?? "")
    const speakers = role === undefined ? roles : [role]
    sets.push(agents.flatMap((id) => speakers.map((each) => tags.speaker(id, each))))
  }
  return sets.some((set) => set.length === 0) ? null : sets.map(anyOf)
}

/** The filters alone as one expression; null when no row can fit. */
export function matchingAll(database: Database, filters: Filters): string | null {
  const words = filterWords(database, filters)
  if (words === null) return null
  return words.length === 0 ? everyRow : words.join(" AND ")
}

function anyOf(words: readonly string[]): string {
  return `(${words.map((word) => `"${word}"`).join(" OR ")})`
}

const most = 500

function sessionsLike(database: Database, prefix: string): number[] {
  const sql = `select id from session where uuid like ? escape '\\' limit ${most}`
  return database
    .query<{ id: number }, [string]>(sql)
    .all(`${escaped(prefix)}%`)
    .map(idOf)
}

function agentsLike(database: Database, piece: string): number[] {
  const sql = `select id from name where value like ? escape '\\' and value in (select agent from session)`
  return database
    .query<{ id: number }, [string]>(sql)
    .all(`%${escaped(piece)}%`)
    .map(idOf)
}

/** Of the many names only those that are used as such: the same text may be another thing elsewhere. */
function used(database: Database, column: "project" | "model", like: string): number[] {
  const sql = `select id from name where value like ? escape '\\' and id in (select ${column} from setting)`
  return database.query<{ id: number }, [string]>(sql).all(like).map(idOf)
}

function foldersIn(database: Database, folder: string): number[] {
  const sql = `select id from name where ${isIn("value", "?1")} and id in (select project from setting)`
  return database.query<{ id: number }, [string]>(sql).all(bare(folder)).map(idOf)
}

function named(database: Database, like: string): number[] {
  const sql = `select id from name where value like ? escape '\\' limit ${most}`
  return database.query<{ id: number }, [string]>(sql).all(like).map(idOf)
}

const idOf = ({ id }: { id: number }) => id

/** Text in which nothing stands for another sign when it is compared by `like … escape`. */
export function escaped(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&")
}

/** Whether a path is that of a `bare` folder, or of what is in it. */
export function isIn(path: string, folder: string): string {
  return `(${path} = ${folder} or substr(${path}, 1, length(${folder}) + 1) = ${folder} || '/')`
}

export function bare(folder: string): string {
  return folder.replace(/\/+$/, "")
}

/** An expression that every row fits. */
export const everyRow = anyOf(partKinds.flatMap(tags.kinds))
