import type { Database } from "../../system/sqlite/database.ts"

export interface StrangeRecords {
  readonly type: string
  readonly records: number
}

/** Of copies of one file, the one counts that holds most of them. */
export function strangeIn(database: Database): readonly StrangeRecords[] {
  return database
    .query<StrangeRecords, []>(
      `select type, sum(most) as records from (
         select each.key as type, max(each.value) as most from source, json_each(source.strange) each
         where source.strange is not null group by each.key, source.session, source.document
       ) group by type order by records desc, type`,
    )
    .all()
}
