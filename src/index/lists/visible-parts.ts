import type { Database } from "../../system/sqlite/database.ts"
import type { IndexedPart } from "../model/indexed-part.ts"
import { everyRowExpression, withVisibility } from "../query/filters.ts"
import type { PartReader } from "../search/parts.ts"

const pageRows = 500

/** Every part after `after` that a search finds without being asked for hidden ones, in the order in which they were read. */
export function* visiblePartsAfter(
  database: Database,
  parts: PartReader,
  after: number,
): Generator<IndexedPart> {
  const match = withVisibility(everyRowExpression, {})
  const rows = database.query<{ id: number }, [string, number, number]>(
    "select rowid as id from search where search match ? and rowid > ? order by rowid limit ?",
  )
  for (let at = after; ; ) {
    const page = rows.all(match, at, pageRows)
    for (const { id } of page) {
      // later rows of a long text have no part
      const part = parts.get(id)
      if (part !== null) yield part
      at = id
    }
    if (page.length < pageRows) return
  }
}
