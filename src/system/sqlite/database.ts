/** SQLite databases: opening, errors, file locks and moving them. */
import { constants, Database } from "bun:sqlite"
import { chmodSync } from "node:fs"
import { errnoOf } from "../../domain/errors.ts"
import { closeFile, createFile } from "../fs/durable.ts"
import { toWriteError } from "../fs/io-errors.ts"

export type { Database }

/** How long to wait for another process, in milliseconds, before the file is reported as in use. */
const defaultTimeoutMs = 10_000

/** Opens a database file for reading and writing; a missing one is created, 0600. */
export function openDatabase(path: string, patience = defaultTimeoutMs): Database {
  createIfMissing(path)
  const database = new Database(path, { readwrite: true })
  database.run(`pragma busy_timeout = ${patience}`)
  return database
}

export function openDatabaseToRead(path: string): Database {
  const database = new Database(path, constants.SQLITE_OPEN_READONLY)
  database.run(`pragma busy_timeout = ${defaultTimeoutMs}`)
  return database
}

/** Opens another program's database, which exists, for writing; its mode stays. */
export function openDatabaseInPlace(path: string): Database {
  const database = new Database(path, constants.SQLITE_OPEN_READWRITE)
  database.run(`pragma busy_timeout = ${defaultTimeoutMs}`)
  return database
}

/** SQLite gives its `-wal` and `-shm` files the mode of the database itself. */
function createIfMissing(path: string): void {
  try {
    closeFile(createFile(path))
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw toWriteError(error, path)
    narrow(path)
  }
}

function narrow(path: string): void {
  try {
    chmodSync(path, 0o600)
  } catch {
    // another user's file, or a filesystem without modes: opening it reports the error
  }
}
