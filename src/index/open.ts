import { existsSync } from "node:fs"
import { dirname } from "node:path"
import { RescueError } from "../domain/errors.ts"
import { makeFolders } from "../system/fs/durable.ts"
import { withWriteErrors } from "../system/fs/io-errors.ts"
import { type Database, openDatabase, openDatabaseToRead } from "../system/sqlite/database.ts"
import { classifyDatabaseError, toDatabaseError } from "../system/sqlite/errors.ts"
import { moveDatabase } from "../system/sqlite/files.ts"
import { createSchema, schemaState } from "./store/schema.ts"
import { renameSchema } from "./store/upgrade.ts"
import { takeOver } from "./take-over.ts"

/** Opens the index for writing. A missing one is created; an unusable one is set aside and reported. */
export function openToWrite(
  path: string,
  aside: (kept: string, why: string) => void,
  busyTimeoutMs?: number,
): Database {
  withWriteErrors(dirname(path), () => makeFolders(dirname(path), false))
  const first = tryOpen(path, busyTimeoutMs)
  if (typeof first !== "string") return first
  const kept = setIndexAside(path)
  const again = tryOpen(path, busyTimeoutMs)
  if (typeof again !== "string") {
    const taken = kept === null ? 0 : takeOver(kept, again)
    aside(
      kept ?? path,
      taken === 0 ? first : `${first}; ${taken} parts of files that are gone were taken over`,
    )
    return again
  }
  throw new RescueError("CANNOT_WRITE", `${path} cannot be created (${again})`, "inspect that folder")
}

/** The database, or the reason it is unusable. */
function tryOpen(path: string, busyTimeoutMs?: number): Database | string {
  let database: Database | null = null
  try {
    database = openDatabase(path, busyTimeoutMs)
    const state = schemaState(database)
    if (state === "foreign") {
      database.close()
      return "it was written by another version or another program"
    }
    if (state === "new") makeSchema(database)
    if (state === "upgradable") renameSchema(database)
    assertReadable(database)
    database.run("pragma synchronous = normal")
    database.run("pragma cache_size = -24000")
    database.run("pragma wal_autocheckpoint = 4000")
    return database
  } catch (error) {
    database?.close()
    if (classifyDatabaseError(error) === "damaged") return `it is damaged: ${(error as Error).message}`
    throw toDatabaseError(error, path)
  }
}

/**
 * Several processes may find the same empty file: one creates the tables, the others wait. SQLite reports "in use" at
 * once here instead of waiting as it does elsewhere.
 */
function makeSchema(database: Database): void {
  for (let attempts = 200; ; attempts--) {
    try {
      createSchema(database)
      return
    } catch (error) {
      if (attempts === 0 || classifyDatabaseError(error) !== "busy") {
        if (schemaState(database) !== "current") throw error
        return
      }
      Bun.sleepSync(50)
      if (isMade(database)) return
    }
  }
}

function isMade(database: Database): boolean {
  try {
    return schemaState(database) === "current"
  } catch (error) {
    if (classifyDatabaseError(error) === "busy") return false
    throw error
  }
}

function assertReadable(database: Database): void {
  database.query("select max(id) from part").get()
  database.query("select rowid from search where search match 'a' limit 1").get()
}

const createHint = "session-rescue cx --live reads every session into the index"

/** Opens the index for reading. NO_INDEX when none exists that this version can read. */
export function openToRead(path: string): Database {
  if (!existsSync(path)) throw new RescueError("NO_INDEX", "there is no index yet", createHint)
  try {
    const database = openDatabaseToRead(path)
    const state = schemaState(database)
    if (state !== "current") {
      const upgradable = state === "upgradable"
      const whose = upgradable ? "an older version" : "another version"
      const hint = `session-rescue cx ${upgradable ? "upgrades it" : "sets it aside and creates a new one"}`
      throw new RescueError(
        "NO_INDEX",
        `the index at ${path} was written by ${whose} of session-rescue`,
        hint,
      )
    }
    return database
  } catch (error) {
    if (classifyDatabaseError(error) === "damaged") {
      const message = `the index at ${path} is damaged (${(error as Error).message})`
      throw new RescueError(
        "NO_INDEX",
        message,
        "session-rescue cx --rebuild sets it aside and creates a new one",
      )
    }
    throw toDatabaseError(error, path)
  }
}

/** Renames the index to an unused name and returns that name; null when there is no index. */
export function setIndexAside(path: string): string | null {
  if (!existsSync(path)) return null
  const kept = freeName(path)
  moveDatabase(path, kept)
  return kept
}

function freeName(path: string): string {
  const stem = path.replace(/\.db$/, "")
  for (let number = 1; ; number++) {
    const name = `${stem}.aside-${number}.db`
    if (!existsSync(name)) return name
  }
}
