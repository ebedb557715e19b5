import type { Database } from "../../system/sqlite/database.ts"
import { filtersExpression } from "../query/filters.ts"

const maxPartsOfTurn = 5000

/**
 * Parts of a session since its last prompt. When a query comes from within the session, that prompt is the question and
 * everything after it belongs to the search; both would rank above the answer.
 */
export function currentTurn(database: Database, session: string): ReadonlySet<number> {
  const all = filtersExpression(database, { session })
  const prompts = filtersExpression(database, { session, role: "user", kind: "text" })
  if (all === null || prompts === null) return new Set()
  const last = database
    .query<{ id: number }, [string]>(
      `select search.rowid as id from search join part on part.id = search.rowid
         join part_context on part_context.id = part.part_context
       where search match ? and part_context.subagent is null order by search.rowid desc limit 1`,
    )
    .get(prompts)
  if (last === null) return new Set()
  const since = database
    .query<{ id: number }, [string, number, number]>(
      "select rowid as id from search where search match ? and rowid >= ? limit ?",
    )
    .all(all, last.id, maxPartsOfTurn)
  return new Set(since.map(({ id }) => id))
}

/** The folder in which a session began; null when unknown. */
export function startFolderOf(database: Database, session: string): string | null {
  const row = database
    .query<{ folder: string }, [string]>(
      "select name.value as folder from session join name on name.id = session.project where uuid = ? limit 1",
    )
    .get(session)
  return row?.folder ?? null
}
