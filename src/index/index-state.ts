import { existsSync } from "node:fs"
import { openDatabaseToRead } from "../system/sqlite/database.ts"
import { classifyDatabaseError } from "../system/sqlite/errors.ts"
import { indexSchemaVersion, schemaState, schemaVersionOf } from "./store/schema.ts"

/**
 * `outdated`: upgraded when opened for writing. `unusable`: set aside when opened for writing, and replaced by a new
 * one.
 */
export type IndexState = "usable" | "missing" | "outdated" | "unusable" | "newer"

/** A newer version's index is never replaced: two versions would rebuild it in turns. */
export function indexStateAt(path: string): IndexState {
  if (!existsSync(path)) return "missing"
  try {
    const database = openDatabaseToRead(path)
    try {
      const state = schemaState(database)
      if (state === "current") return "usable"
      if (state === "new") return "missing"
      if (state === "upgradable") return "outdated"
      return schemaVersionOf(database) > indexSchemaVersion ? "newer" : "unusable"
    } finally {
      database.close()
    }
  } catch (error) {
    if (classifyDatabaseError(error) === "damaged") return "unusable"
    if (classifyDatabaseError(error) === null) throw error
    return "usable" // unknown: querying the index reports the error
  }
}
