import { existsSync } from "node:fs"
import { openDatabaseToRead } from "../system/sqlite/database.ts"
import { classifyDatabaseError } from "../system/sqlite/errors.ts"
import { schemaState, schemaVersion } from "./store/schema.ts"

/**
 * What is at an index's place: one that can be asked; none; one that is of no use; or one of a newer version, which is not
 * for this one to put aside: the two would make it anew in turns.
 */
export function indexState(path: string): "usable" | "missing" | "useless" | "newer" {
  if (!existsSync(path)) return "missing"
  try {
    const database = openDatabaseToRead(path)
    try {
      const state = schemaState(database)
      if (state !== "foreign") return state === "current" ? "usable" : "missing"
      const { version } = database.query("select user_version as version from pragma_user_version").get() as {
        version: number
      }
      return version > schemaVersion ? "newer" : "useless"
    } finally {
      database.close()
    }
  } catch (error) {
    if (classifyDatabaseError(error) === "damaged") return "useless"
    if (classifyDatabaseError(error) === null) throw error
    return "usable" // as far as is known: asking it tells
  }
}
