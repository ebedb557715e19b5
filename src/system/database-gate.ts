import { lstatSync, rmSync } from "node:fs"
import { type Database, openDatabase } from "./database.ts"
import { databaseTrouble } from "./database-trouble.ts"

/**
 * Holds a file that only one process can hold at a time; null when another one does. What holds it is a lock of SQLite's:
 * it ends with the process, however that ends. Returns what lets it go, and takes the file away.
 */
export function holdGate(path: string): (() => void) | null {
  for (;;) {
    const file = inodeOf(path) // what is locked must be what others find there, before and behind
    const gate = tryOpen(path)
    if (gate === null) continue
    try {
      gate.run("begin exclusive")
    } catch (error) {
      gate.close()
      if (databaseTrouble(error) === "busy") return null
      if (databaseTrouble(error) !== null && file !== inodeOf(path)) continue
      throw error
    }
    const held = file !== null && file === inodeOf(path)
    const letGo = () => {
      if (held) rmSync(path, { force: true })
      gate.run("rollback")
      gate.close()
    }
    if (held) return letGo
    letGo()
  }
}

/** null when who held it took it away just now. */
function tryOpen(path: string): Database | null {
  try {
    return openDatabase(path, 0)
  } catch (error) {
    if (databaseTrouble(error) === null || inodeOf(path) !== null) throw error
    return null
  }
}

function inodeOf(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null
}
