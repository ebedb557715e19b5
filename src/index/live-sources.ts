import { toDatabaseError } from "../system/sqlite/errors.ts"
import type { IndexSource } from "./model/source.ts"
import { openToRead } from "./open.ts"

type LiveSource = Pick<IndexSource, "path" | "agent" | "session" | "document">

const pageSize = 1000

/**
 * Every file outside the data folder that the index was made from, whether or not it still exists. Yields nothing when
 * the index cannot be read: callers only use it to find what a new index might miss.
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

/**
 * Opens the database for each page because the caller may stop iterating at any time. Throws when only some pages could
 * be read.
 */
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
