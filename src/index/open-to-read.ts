import { existsSync } from "node:fs"
import { RescueError } from "../session/errors.ts"
import { type Database, databaseError, databaseTrouble, openDatabaseToRead } from "../system/database.ts"
import { schemaState } from "./schema.ts"

const howTo = "session-rescue cx --live reads every session into the index"

/** Opens the index for reading only; NO_INDEX when there is none that this version can read. */
export function openToRead(path: string): Database {
  if (!existsSync(path)) throw new RescueError("NO_INDEX", "there is no index yet", howTo)
  try {
    const database = openDatabaseToRead(path)
    if (schemaState(database) !== "current") {
      const message = `the index at ${path} is of another version of session-rescue`
      throw new RescueError("NO_INDEX", message, `session-rescue cx keeps it aside and makes a new one`)
    }
    return database
  } catch (error) {
    if (databaseTrouble(error) === "damaged") {
      const message = `the index at ${path} is damaged (${(error as Error).message})`
      throw new RescueError(
        "NO_INDEX",
        message,
        "session-rescue cx --rebuild keeps it aside and makes a new one",
      )
    }
    throw databaseError(error, path)
  }
}
