import type { Database } from "../../system/sqlite/database.ts"
import { tags } from "../store/filter-tags.ts"

/** Sessions of which only a list of prompts is known, the newest first. A queued prompt is part of a conversation. */
export function promptOnlySessions(database: Database): readonly string[] {
  const listed = database.query<unknown, [string]>("select 1 from search where search match ? limit 1")
  const kind = `(${tags
    .kinds("prompt")
    .map((tag) => `"${tag}"`)
    .join(" OR ")})`
  return database
    .query<{ id: number; uuid: string }, []>(
      "select id, uuid from session where queued > 0 and queued = parts order by last desc",
    )
    .all()
    .filter(({ id }) => listed.get(`"${tags.session(id)}" AND ${kind}`) !== null)
    .map(({ uuid }) => uuid)
}
