import { lstatSync, rmSync } from "node:fs"
import { type Database, openDatabase } from "./database.ts"
import { classifyDatabaseError } from "./errors.ts"

const maxAttempts = 50

/**
 * Holds a file that only one process can hold at a time; null when another one does. What holds it is a lock of SQLite's:
 * it ends with the process, however that ends. Returns what lets it go, and takes the file away.
 */
export function acquireFileLock(path: string): (() => void) | null {
  for (let left = maxAttempts; ; left--) {
    const file = inodeOf(path) // what is locked must be what others find there, before and behind
    let gate: Database | null = null
    try {
      gate = openDatabase(path, 0)
      gate.run("begin exclusive")
    } catch (error) {
      gate?.close()
      if (classifyDatabaseError(error) === "busy") return null
      if (classifyDatabaseError(error) === null || left === 0) throw error
      continue // who held it has just taken it away
    }
    const held = file !== null && file === inodeOf(path)
    const letGo = () => {
      if (held) rmSync(path, { force: true })
      gate.run("rollback")
      gate.close()
    }
    if (held) return letGo
    letGo()
    if (left === 0) return null
  }
}

function inodeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null
}
