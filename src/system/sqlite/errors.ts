import { SQLiteError } from "bun:sqlite"
import { RescueError } from "../../domain/errors.ts"
import { toWriteError } from "../fs/io-errors.ts"

/** The kinds of database errors that callers distinguish. */
export type DatabaseErrorKind = "damaged" | "busy" | "full" | "other"

export function classifyDatabaseError(error: unknown): DatabaseErrorKind | null {
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

/** Converts an error of SQLite to the one to show; any other error is returned unchanged. */
export function toDatabaseError(error: unknown, path: string): unknown {
  switch (classifyDatabaseError(error)) {
    case null:
      return error
    case "full":
      return toWriteError({ code: "ENOSPC" }, path)
    case "damaged": {
      const message = `${path} is damaged (${(error as Error).message})`
      return new RescueError("DAMAGED", message, "session-rescue cx --rebuild rebuilds it", {
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
