import type { Database } from "../../system/sqlite/database.ts"
import type { RecordSource } from "../model/indexed-part.ts"
import { tags } from "../store/filter-tags.ts"

/** A file of another session that contains records of this one. */
export interface ForeignFile extends Pick<RecordSource, "path" | "place" | "document" | "export"> {
  readonly owner: string
}

/** Existing files only; among copies of one file, the client's own. */
export function foreignFilesOf(database: Database, session: string): readonly ForeignFile[] {
  const own = database.query<{ id: number }, [string]>("select id from session where uuid = ?").all(session)
  const found = own.flatMap(({ id }) =>
    database
      .query<ForeignFile, [string]>(
        `select distinct source.path, source.place, source.document, source.export, source.session as owner
         from search join part on part.id = search.rowid join source on source.id = part.source
         where search match ? and source.state = 'present' order by source.place = 'live' desc, source.id`,
      )
      .all(`"${tags.session(id)}" AND "${tags.foreign}"`),
  )
  const foreign = found.filter(({ owner }) => owner !== session)
  return [...new Map(foreign.toReversed().map((each) => [`${each.owner} ${each.document}`, each])).values()]
}

/** Sessions of which the file of this one has records: what it continues. */
export function heldSessionsOf(database: Database, session: string): readonly string[] {
  return database
    .query<{ uuid: string }, [string, string]>(
      `select distinct session.uuid from search join part on part.id = search.rowid
       join source on source.id = part.source join part_context on part_context.id = part.part_context
       join session on session.id = part_context.session
       where search match ?1 and source.session = ?2 and session.uuid <> ?2 limit 20`,
    )
    .all(`"${tags.foreign}"`, session)
    .map(({ uuid }) => uuid)
}
