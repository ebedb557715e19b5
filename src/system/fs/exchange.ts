import { renameSync, symlinkSync } from "node:fs"
import type { DiskPath } from "../../domain/disk-path.ts"
import { errnoOf } from "../../domain/errors.ts"
import { libcCalls } from "../native/libc.ts"
import { fsPath } from "./files.ts"

/** Write operations that only restoring needs, besides those in durable.ts. */

/**
 * Replaces a file with a finished one without a moment in which the name does not exist. "exchanged": the other file
 * is now at `from`; "replaced": an exchange is not supported, and the other file is gone.
 */
export async function exchangeFiles(from: DiskPath, to: DiskPath): Promise<"exchanged" | "replaced"> {
  if ((await libcCalls())?.exchange(from, to) === 0) return "exchanged"
  renameSync(fsPath(from), fsPath(to))
  return "replaced"
}

/** Creates a symbolic link; "taken" when the name exists. */
export function makeSymlink(path: DiskPath, target: DiskPath): "made" | "taken" {
  try {
    symlinkSync(fsPath(target) as string, fsPath(path) as string)
    return "made"
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return "taken"
    throw error
  }
}
