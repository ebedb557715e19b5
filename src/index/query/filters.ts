import type { PartKind, Role } from "../../domain/conversation/message-part.ts"
import { partKinds, roles } from "../../domain/conversation/message-part.ts"
import { fold } from "../../domain/fold.ts"
import { isInProject, type ProjectFilter } from "../../domain/project-filter.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { tags } from "../store/filter-tags.ts"

/** Restrictions on hits. Names are compared case-insensitively, and a part of a name is enough. */
export interface Filters {
  /** Prefix of a session id, or of one of several. */
  readonly session?: string | readonly string[]
  /** The session's working folder. */
  readonly project?: ProjectFilter
  readonly role?: Role
  readonly kind?: PartKind
  /** Full name of a tool. */
  readonly tool?: string
  readonly agent?: string
  readonly model?: string
  /** Milliseconds since 1970; `until` is excluded. */
  readonly since?: number
  readonly until?: number
  readonly errors?: boolean
  readonly commands?: boolean
  readonly files?: boolean
  /** Ids of parts to omit, because they are the question itself. */
  readonly exclude?: ReadonlySet<number>
  /** Includes hidden parts: the client's own texts, and output of this program. */
  readonly allParts?: boolean
}

/** The filters as expressions for the full-text table, to be combined with AND; null when no row can match. */
export function filterExpressions(database: Database, filters: Filters): string[] | null {
  const { session, role, kind, tool, agent, model } = filters
  const sets: (readonly string[])[] = []
  if (kind !== undefined) sets.push(tags.kinds(kind))
  if (filters.errors === true) sets.push(tags.errors)
  if (filters.commands === true) sets.push(tags.commands)
  if (filters.files === true) sets.push(tags.files)
  if (session !== undefined)
    sets.push(
      [session]
        .flat()
        .flatMap((each) => sessionsLike(database, each))
        .map(tags.session),
    )
  const projects = projectsOf(database, filters)
  if (projects !== null) sets.push(projects.map(tags.project))
  if (model !== undefined) {
    const models = namesUsedAs(database, "model").filter(({ value }) => includesFolded(value, model))
    sets.push(models.map(({ id }) => tags.model(id)))
  }
  if (tool !== undefined) sets.push(namesLike(database, escapeLike(tool)).map(tags.tool))
  if (role !== undefined || agent !== undefined) {
    const agents = agentsLike(database, agent ?? "")
    const speakers = role === undefined ? roles : [role]
    sets.push(agents.flatMap((id) => speakers.map((each) => tags.speaker(id, each))))
  }
  return sets.some((set) => set.length === 0) ? null : sets.map(anyOf)
}

/** The filters alone as one expression; null when no row can match. */
export function filtersExpression(database: Database, filters: Filters): string | null {
  const words = filterExpressions(database, filters)
  if (words === null) return null
  return withVisibility(words.length === 0 ? everyRowExpression : words.join(" AND "), filters)
}

/** The expression without hidden parts. */
export function withoutHidden(match: string): string {
  return `(${match}) NOT "${tags.hidden}"`
}

/** The expression without hidden parts, unless the filters ask for them. */
export function withVisibility(match: string, { allParts, role }: Filters): string {
  return allParts === true || role === "system" ? match : withoutHidden(match)
}

function anyOf(words: readonly string[]): string {
  return `(${words.map((word) => `"${word}"`).join(" OR ")})`
}

const maxNames = 500

function sessionsLike(database: Database, prefix: string): number[] {
  const sql = `select id from session where uuid like ? escape '\\' limit ${maxNames}`
  return database
    .query<{ id: number }, [string]>(sql)
    .all(`${escapeLike(prefix)}%`)
    .map(idOf)
}

function agentsLike(database: Database, piece: string): number[] {
  const sql = `select id from name where value like ? escape '\\' and value in (select agent from session)`
  return database
    .query<{ id: number }, [string]>(sql)
    .all(`%${escapeLike(piece)}%`)
    .map(idOf)
}

/** Ids of the matching folders; null: no restriction. */
export function projectsOf(database: Database, { project }: Filters): number[] | null {
  if (project === undefined) return null
  return namesUsedAs(database, "project")
    .filter(({ value }) => isInProject(value, project))
    .map(idOf)
}

/** Names that are used in this column: the same text may also have other uses. */
function namesUsedAs(database: Database, column: "project" | "model"): { id: number; value: string }[] {
  return database
    .query<{ id: number; value: string }, []>(
      `select id, value from name where id in (select ${column} from part_context)`,
    )
    .all()
}

/** SQLite compares only the letters a to z case-insensitively. */
function includesFolded(value: string, piece: string): boolean {
  return fold(value).includes(fold(piece))
}

function namesLike(database: Database, like: string): number[] {
  const sql = `select id from name where value like ? escape '\\' limit ${maxNames}`
  return database.query<{ id: number }, [string]>(sql).all(like).map(idOf)
}

const idOf = ({ id }: { id: number }) => id

/** Escapes wildcards for `like … escape`. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&")
}

/** Matches every row. */
export const everyRowExpression = anyOf(partKinds.flatMap(tags.kinds))
