import type { Database } from "../../system/sqlite/database.ts"

export interface UnknownRecords {
  readonly type: string
  readonly records: number
}

/** Among copies of one file, counts the one with the most such records. */
export function unknownRecordsIn(database: Database): readonly UnknownRecords[] {
  return database
    .query<UnknownRecords, []>(
      `select type, sum(most) as records from (
         select each.key as type, max(each.value) as most from source, json_each(source.unknown_types) each
         where source.unknown_types is not null group by each.key, source.session, source.document
       ) group by type order by records desc, type`,
    )
    .all()
}
