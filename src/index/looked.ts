import { openDatabase } from "../system/sqlite/database.ts"
import { classifyDatabaseError } from "../system/sqlite/errors.ts"
import { openToRead } from "./open.ts"

const busyTimeoutMs = 200

/**
 * Remembers that all which lay in the clients' homes at that time is in the index. An index without the table is one
 * that was never read to its end. Another run that writes just now is not waited for: it will say so itself.
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
    if (classifyDatabaseError(error) === null) throw error // it is then said to be older than it is
  }
}

/** When the homes were last read to the end, milliseconds since 1970; null: never, as far as is known. */
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
