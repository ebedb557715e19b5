import type { Database } from "../../system/sqlite/database.ts"
import { tags } from "../store/filter-tags.ts"

/** Sessions of which a list of prompts is all that there is, the newest first. A prompt in a queue is part of a conversation. */
export function onlyPromptsIn(database: Database): readonly string[] {
  const listed = database.query<unknown, [string]>("select 1 from words where words match ? limit 1")
  const kind = `(${tags
    .kinds("prompt")
    .map((tag) => `"${tag}"`)
    .join(" OR ")})`
  return database
    .query<{ id: number; uuid: string }, []>(
      "select id, uuid from session where waiting > 0 and waiting = parts order by last desc",
    )
    .all()
    .filter(({ id }) => listed.get(`"${tags.session(id)}" AND ${kind}`) !== null)
    .map(({ uuid }) => uuid)
}
