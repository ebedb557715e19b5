import { constants, Database } from "bun:sqlite"
import { existsSync, lstatSync } from "node:fs"
import { pathToFileURL } from "node:url"
import { hasSettled, isSameVersion } from "../../domain/session/file-stat.ts"
import { systemFiles } from "../fs/files.ts"

/** A database that is read without a trace. */
export interface Untouched {
  readonly database: Database
  /** Whether everything read so far was of one state of the database. */
  isIntact(): boolean
}

const busyTimeoutMs = 50

/**
 * Opens a database so that nothing is created, not even the files that SQLite keeps beside it: those appear as soon as one
 * of its usual connections reads. null when there is no database, or no safe way to read it at the moment.
 */
export function openUntouched(path: string): Untouched | null {
  const files = systemFiles(() => {})
  const look = () => {
    const stat = files.stat(path)
    return stat?.kind !== "file" || hasLog(path) ? null : stat
  }
  const before = look()
  if (before === null) return hasLog(path) && existsSync(`${path}-shm`) ? openBesideWriter(path) : null
  if (!hasSettled(before, Date.now())) return null
  // SQLite takes no lock then: a writer that comes in the meantime is noticed afterwards, by its log or by the file's times
  const flags = constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI
  const database = new Database(`${pathToFileURL(path).href}?immutable=1`, flags)
  return {
    database,
    isIntact() {
      const after = look()
      return after !== null && isSameVersion(after, before)
    },
  }
}

/** The files beside it exist already. */
function openBesideWriter(path: string): Untouched {
  const database = new Database(path, constants.SQLITE_OPEN_READONLY)
  database.run(`pragma busy_timeout = ${busyTimeoutMs}`)
  return { database, isIntact: () => true }
}

/** Whether there is a write-ahead log with contents. */
function hasLog(path: string): boolean {
  return (lstatSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
}
