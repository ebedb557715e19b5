import { renameSync, rmSync } from "node:fs"
import { errnoOf } from "../../domain/errors.ts"
import { toWriteError } from "../fs/io-errors.ts"

const companions = ["", "-wal", "-shm"]

/** Moves a database and its companion files. */
export function moveDatabase(path: string, to: string): void {
  for (const each of companions) {
    try {
      renameSync(path + each, to + each)
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw toWriteError(error, path)
    }
  }
}

export function removeDatabase(path: string): void {
  for (const each of companions) rmSync(path + each, { force: true })
}
