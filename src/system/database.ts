import { constants, Database, SQLiteError, type SQLQueryBindings } from "bun:sqlite"
import { chmodSync, renameSync, rmSync } from "node:fs"
import { RescueError } from "../session/errors.ts"
import { closeFile, createFile } from "./durable.ts"
import { writeTrouble } from "./trouble.ts"

export type { Database, SQLQueryBindings }

/** How long another process is waited for, in milliseconds, before it is said that the file is in use. */
const usualPatience = 10_000

/** Opens a database file for reading and writing; one that is not there is made, 0600. */
export function openDatabase(path: string, patience = usualPatience): Database {
  createIfMissing(path)
  const database = new Database(path, { readwrite: true })
  database.run(`pragma busy_timeout = ${patience}`)
  return database
}

export function openDatabaseToRead(path: string): Database {
  const database = new Database(path, constants.SQLITE_OPEN_READONLY)
  database.run(`pragma busy_timeout = ${usualPatience}`)
  return database
}

/** SQLite gives its `-wal` and `-shm` files the mode of the database itself. */
function createIfMissing(path: string): void {
  try {
    closeFile(createFile(path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw writeTrouble(error, path)
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

/** What is wrong with a database, as far as it matters to who uses it. */
export type DatabaseTrouble = "damaged" | "busy" | "full" | "other"

export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  if (!(error instanceof SQLiteError)) return null
  switch (error.errno & 0xff) {
    case 5:
    case 6:
      return "busy"
    case 11:
    case 26:
      return "damaged"
    case 13:
      return "full"
    default:
      return "other"
  }
}

/** The error to show for one that SQLite threw; any other is given back as it is. */
export function databaseError(error: unknown, path: string): unknown {
  switch (databaseTrouble(error)) {
    case null:
      return error
    case "full":
      return writeTrouble({ code: "ENOSPC" }, path)
    case "damaged": {
      const message = `${path} is damaged (${(error as Error).message})`
      return new RescueError("DAMAGED", message, "session-rescue cx --rebuild makes it anew", {
        cause: error,
      })
    }
    case "busy": {
      const message = `${path} is in use by another process and did not become free`
      return new RescueError("CANNOT_WRITE", message, "wait for the other one to end, then try again", {
        cause: error,
      })
    }
    default: {
      const message = `${path} cannot be used (${(error as Error).message})`
      return new RescueError("CANNOT_READ", message, "try again; the index can be rebuilt any time", {
        cause: error,
      })
    }
  }
}

const companions = ["", "-wal", "-shm"]

/** Moves a database out of the way, whole. */
export function moveDatabase(path: string, to: string): void {
  for (const each of companions) {
    try {
      renameSync(path + each, to + each)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw writeTrouble(error, path)
    }
  }
}

export function removeDatabase(path: string): void {
  for (const each of companions) rmSync(path + each, { force: true })
}
