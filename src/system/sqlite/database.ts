import { constants, Database } from "bun:sqlite"
import { chmodSync } from "node:fs"
import { errnoOf } from "../../domain/errors.ts"
import { closeFile, createFile } from "../fs/durable.ts"
import { toWriteError } from "../fs/io-errors.ts"

export type { Database }

/** How long another process is waited for, in milliseconds, before it is said that the file is in use. */
const defaultTimeoutMs = 10_000

/** Opens a database file for reading and writing; one that is not there is made, 0600. */
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
    // somebody else's, or a filesystem without modes: opening it tells
  }
}
