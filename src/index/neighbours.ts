import type { Database } from "../system/database.ts"
import { tags } from "./tags.ts"

/** What stands before or behind a part in the same file, nearest first; it may have been read much later. */
export function neighbours(
  database: Database,
  part: number,
  side: "before" | "behind",
  count: number,
): number[] {
  const own = database
    .query<{ source: number; session: number }, [number]>(
      "select source, session from part join setting on setting.id = part.setting where part.id = ?",
    )
    .get(part)
  if (own === null) return []
  const [order, than] = side === "before" ? ["desc", "<"] : ["asc", ">"]
  return database
    .query<{ id: number }, [string, number, number, number]>(
      `select words.rowid as id from words join part on part.id = words.rowid
       where words match ? and words.rowid ${than} ? and part.source = ? order by words.rowid ${order} limit ?`,
    )
    .all(`"${tags.session(own.session)}"`, part, own.source, count)
    .map(({ id }) => id)
}
