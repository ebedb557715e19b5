import type { Database } from "../system/database.ts"

/** More than these stand for nothing anybody would look for. */
const most = 500

/** Numbers of the sessions whose id begins like that. */
export function sessionsLike(database: Database, prefix: string): number[] {
  const sql = `select id from session where uuid like ? escape '\\' limit ${most}`
  return database
    .query<{ id: number }, [string]>(sql)
    .all(`${escaped(prefix)}%`)
    .map(idOf)
}

/** Numbers of the agents in whose names a piece occurs. */
export function agentsLike(database: Database, piece: string): number[] {
  const sql = `select id from name where value like ? escape '\\' and value in (select agent from session)`
  return database
    .query<{ id: number }, [string]>(sql)
    .all(`%${escaped(piece)}%`)
    .map(idOf)
}

/** Of the many names only those that are used as such: the same text may be another thing elsewhere. */
export function used(database: Database, column: "project" | "model", like: string): number[] {
  const sql = `select id from name where value like ? escape '\\' and id in (select ${column} from setting) limit ${most}`
  return database.query<{ id: number }, [string]>(sql).all(like).map(idOf)
}

/** Whatever they name; `like` is a pattern. */
export function named(database: Database, like: string): number[] {
  const sql = `select id from name where value like ? escape '\\' limit ${most}`
  return database.query<{ id: number }, [string]>(sql).all(like).map(idOf)
}

const idOf = ({ id }: { id: number }) => id

/** For a pattern: as it was typed, and nothing in it a wildcard. */
export function escaped(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&")
}
