import { toDatabaseError } from "../system/sqlite/errors.ts"
import type { IndexSource } from "./model/source.ts"
import { openToRead } from "./open.ts"

type LiveSource = Pick<IndexSource, "path" | "agent" | "session" | "document">

const pageSize = 1000

/**
 * Every file outside the data folder that an index was made from, there or not. None when it cannot be read: it is asked
 * only for what a new one might miss.
 */
export function* liveSourcesOf(path: string): Generator<LiveSource> {
  for (let after = 0; ; ) {
    const found = readPage(path, after)
    yield* found
    const last = found.at(-1)
    if (last === undefined || found.length < pageSize) return
    after = last.id
  }
}

/** Opened for each page: whoever asks may leave off in the middle. Throws where only some could be read. */
function readPage(path: string, after: number): (LiveSource & { readonly id: number })[] {
  try {
    const database = openToRead(path)
    try {
      return database
        .query<LiveSource & { id: number }, [number, number]>(
          `select id, path, agent, session, document from source
           where id > ? and place = 'live' and state <> 'superseded' order by id limit ?`,
        )
        .all(after, pageSize)
    } finally {
      database.close()
    }
  } catch (error) {
    if (after > 0) throw toDatabaseError(error, path)
    return []
  }
}
