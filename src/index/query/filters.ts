import type { PartKind, Role } from "../../domain/conversation/message-part.ts"
import { partKinds, roles } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { tags } from "../store/filter-tags.ts"
import { fold } from "../text/tokenizer.ts"

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
  /** Parts that words are not looked for in: they are the question itself. */
  readonly exclude?: ReadonlySet<number>
  /** Also what nobody said: the client's own words, and what this program printed there. */
  readonly allParts?: boolean
}

/** The filters as expressions for the full-text table, all of them to hold; null when no row can fit. */
export function filterExpressions(database: Database, filters: Filters): string[] | null {
  const { session, role, kind, tool, agent, model } = filters
  const sets: (readonly string[])[] = []
  if (kind !== undefined) sets.push(tags.kinds(kind))
  if (filters.errors === true) sets.push(tags.errors)
  if (filters.commands === true) sets.push(tags.commands)
  if (filters.files === true) sets.push(tags.files)
  if (session !== undefined) sets.push(sessionsLike(database, session).map(tags.session))
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

/** The filters alone as one expression; null when no row can fit. */
export function filtersExpression(database: Database, filters: Filters): string | null {
  const words = filterExpressions(database, filters)
  if (words === null) return null
  return withVisibility(words.length === 0 ? everyRowExpression : words.join(" AND "), filters)
}

/** Of what was said. */
export function withoutHidden(match: string): string {
  return `(${match}) NOT "${tags.hidden}"`
}

/** Without what nobody said, if that was not asked for. */
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

/** The folders in which something was said; null: no matter which. */
export function projectsOf(database: Database, { project, folder }: Filters): number[] | null {
  if (project === undefined && folder === undefined) return null
  const own = folder?.replace(/\/+$/, "")
  return namesUsedAs(database, "project")
    .filter(({ value }) => project === undefined || includesFolded(value, project))
    .filter(({ value }) => own === undefined || value === own || value.startsWith(`${own}/`))
    .map(idOf)
}

/** Of the many names only those that are used as such: the same text may be another thing elsewhere. */
function namesUsedAs(database: Database, column: "project" | "model"): { id: number; value: string }[] {
  return database
    .query<{ id: number; value: string }, []>(
      `select id, value from name where id in (select ${column} from part_context)`,
    )
    .all()
}

/** SQLite's own comparison knows no case but that of the letters from a to z. */
function includesFolded(value: string, piece: string): boolean {
  return fold(value).includes(fold(piece))
}

function namesLike(database: Database, like: string): number[] {
  const sql = `select id from name where value like ? escape '\\' limit ${maxNames}`
  return database.query<{ id: number }, [string]>(sql).all(like).map(idOf)
}

const idOf = ({ id }: { id: number }) => id

/** Text in which nothing stands for another sign when it is compared by `like … escape`. */
export function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&")
}

/** An expression that every row fits. */
export const everyRowExpression = anyOf(partKinds.flatMap(tags.kinds))
