import { readdirSync } from "node:fs"
import type { DiskPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import { isThere, native } from "./files.ts"
import { readTrouble } from "./io-errors.ts"

/** The names in a folder; empty for what is no folder or may not be read. A link to a folder is one. */
export function namesIn(folder: DiskPath): string[] {
  try {
    return readdirSync(native(folder), "utf8")
  } catch {
    return []
  }
}

/**
 * The names in a folder; empty when there is none. Throws a RescueError when it cannot be listed, or is a link to
 * a disk that is not there: what it holds is not nothing.
 */
export function listedNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw readTrouble(error, folder)
    if (!isThere(folder)) return []
    const hint = "mount what it leads to; or take the link away, to see the rest"
    throw new RescueError("UNSAFE_FOLDER", `${folder} is a link that leads nowhere`, hint)
  }
}
