import type { Database } from "../../system/sqlite/database.ts"
import { tags } from "../store/filter-tags.ts"

/**
 * What stands before or behind a part in the same conversation, nearest first. That may have been read much later, and
 * from another file: an export ends where the client's own file goes on.
 */
export function neighbours(
  database: Database,
  part: number,
  side: "before" | "behind",
  count: number,
): number[] {
  const own = database
    .query<{ source: number; session: number; document: string; former: number }, [number]>(
      `select part.source, setting.session, source.document, source.state = 'former' as former from part
       join setting on setting.id = part.setting join source on source.id = part.source where part.id = ?`,
    )
    .get(part)
  if (own === null) return []
  const [order, than] = side === "before" ? ["desc", "<"] : ["asc", ">"]
  return database
    .query<{ id: number }, [string, number, number, string | null, number]>(
      `select words.rowid as id from words join part on part.id = words.rowid join source on source.id = part.source
       where words match ? and words.rowid ${than} ?
         and (source.id = ? or (source.document = ? and source.state <> 'former'))
       order by words.rowid ${order} limit ?`,
    )
    .all(
      `"${tags.session(own.session)}" NOT "${tags.hidden}"`,
      part,
      own.source,
      own.former ? null : own.document,
      count,
    )
    .map(({ id }) => id)
}
