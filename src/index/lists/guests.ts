import type { Database } from "../../system/sqlite/database.ts"
import type { Place } from "../model/indexed-part.ts"
import { tags } from "../store/filter-tags.ts"

/** A file of another session in which something of this one stands. */
export interface GuestPlace extends Pick<Place, "path" | "place" | "document" | "export"> {
  readonly holder: string
}

/** Those that are there; of copies of one file, the one that is the client's own. */
export function guestsOf(database: Database, session: string): readonly GuestPlace[] {
  const own = database.query<{ id: number }, [string]>("select id from session where uuid = ?").all(session)
  const found = own.flatMap(({ id }) =>
    database
      .query<GuestPlace, [string]>(
        `select distinct source.path, source.place, source.document, source.export, source.session as holder
         from words join part on part.id = words.rowid join source on source.id = part.source
         where words match ? and source.state = 'present' order by source.place = 'live' desc, source.id`,
      )
      .all(`"${tags.session(id)}" AND "${tags.guest}"`),
  )
  const foreign = found.filter(({ holder }) => holder !== session)
  return [...new Map(foreign.toReversed().map((each) => [`${each.holder} ${each.document}`, each])).values()]
}
