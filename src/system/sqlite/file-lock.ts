import { lstatSync, rmSync } from "node:fs"
import { type Database, openDatabase } from "./database.ts"
import { classifyDatabaseError } from "./errors.ts"

const maxAttempts = 50

/**
 * Acquires a file that only one process can hold at a time; null when another process holds it. It is held by an SQLite
 * lock, which ends with the process, however that exits. Returns a function that releases and removes the file.
 */
export function acquireFileLock(path: string): (() => void) | null {
  for (let left = maxAttempts; ; left--) {
    const file = inodeOf(path) // compared again below: the locked file must be the one at this path
    let gate: Database | null = null
    try {
      gate = openDatabase(path, 0)
      gate.run("begin exclusive")
    } catch (error) {
      gate?.close()
      if (classifyDatabaseError(error) === "busy") return null
      if (classifyDatabaseError(error) === null || left === 0) throw error
      continue // the previous holder has just removed it
    }
    const held = file !== null && file === inodeOf(path)
    const release = () => {
      if (held) rmSync(path, { force: true })
      gate.run("rollback")
      gate.close()
    }
    if (held) return release
    release()
    if (left === 0) return null
  }
}

function inodeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null
}
