import { openToRead } from "./open.ts"
import type { IndexSource } from "./source.ts"

/**
 * Every file outside the data folder that an index was made from, there or not. None when it cannot be read: it is asked
 * only for what a new one might miss.
 */
export function liveSourcesOf(
  path: string,
): readonly Pick<IndexSource, "path" | "agent" | "session" | "document">[] {
  try {
    const database = openToRead(path)
    try {
      return database
        .query<Pick<IndexSource, "path" | "agent" | "session" | "document">, []>(
          "select path, agent, session, document from source where place = 'live' and state <> 'former' order by id",
        )
        .all()
    } finally {
      database.close()
    }
  } catch {
    return []
  }
}
