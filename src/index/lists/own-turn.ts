import type { Database } from "../../system/sqlite/database.ts"
import { matchingAll } from "../query/filters.ts"

const most = 5000

/**
 * What was said in a session since its last prompt: asked from within it, that prompt is the question, and what came of it so
 * far is the way to the answer. Any of them would be found before what is looked for.
 */
export function ownTurn(database: Database, session: string): ReadonlySet<number> {
  const all = matchingAll(database, { session })
  const prompts = matchingAll(database, { session, role: "user", kind: "text" })
  if (all === null || prompts === null) return new Set()
  const last = database
    .query<{ id: number }, [string]>(
      `select words.rowid as id from words join part on part.id = words.rowid
         join setting on setting.id = part.setting
       where words match ? and setting.subagent is null order by words.rowid desc limit 1`,
    )
    .get(prompts)
  if (last === null) return new Set()
  const since = database
    .query<{ id: number }, [string, number, number]>(
      "select rowid as id from words where words match ? and rowid >= ? limit ?",
    )
    .all(all, last.id, most)
  return new Set(since.map(({ id }) => id))
}

/** The folder in which a session began; null where that is not known. */
export function folderOf(database: Database, session: string): string | null {
  const row = database
    .query<{ folder: string }, [string]>(
      "select name.value as folder from session join name on name.id = session.project where uuid = ? limit 1",
    )
    .get(session)
  return row?.folder ?? null
}
