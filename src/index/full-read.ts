import { openDatabase } from "../system/sqlite/database.ts"
import { classifyDatabaseError } from "../system/sqlite/errors.ts"
import { openToRead } from "./open.ts"

const busyTimeoutMs = 200

/**
 * Records that everything in the clients' homes at that time is in the index. An index without this table was never
 * completely filled. Does not wait for another writing process, which records its own time.
 */
export function recordFullRead(path: string, at: number): void {
  try {
    const database = openDatabase(path, busyTimeoutMs)
    try {
      database.run("create table if not exists full_read (at real not null)")
      database.transaction(() => {
        const last = database
          .query<{ at: number | null }, []>("select max(at) as at from full_read")
          .get()?.at
        database.run("delete from full_read")
        database.run("insert into full_read (at) values (?)", [Math.max(at, last ?? at)])
      })()
    } finally {
      database.close()
    }
  } catch (error) {
    if (classifyDatabaseError(error) === null) throw error // the index is then reported as older than it is
  }
}

/** When the homes were last read completely, in milliseconds since 1970; null if never or unknown. */
export function lastFullRead(path: string): number | null {
  const database = openToRead(path)
  try {
    return database.query<{ at: number | null }, []>("select max(at) as at from full_read").get()?.at ?? null
  } catch (error) {
    if (classifyDatabaseError(error) === null) throw error
    return null
  } finally {
    database.close()
  }
}
