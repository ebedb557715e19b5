import { readdirSync } from "node:fs"
import type { DiskPath } from "../session/disk-path.ts"
import { native } from "./files.ts"
import { readTrouble } from "./trouble.ts"

/** The names in a folder; empty for what is no folder or may not be read. A link to a folder is one. */
export function namesIn(folder: DiskPath): string[] {
  try {
    return readdirSync(native(folder), "utf8")
  } catch {
    return []
  }
}

/** The names in a folder; empty when there is none. Throws a RescueError when it cannot be listed. */
export function listedNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw readTrouble(error, folder)
  }
}
