import { renameSync, symlinkSync } from "node:fs"
import type { DiskPath } from "../../domain/disk-path.ts"
import { errnoOf } from "../../domain/errors.ts"
import { libcCalls } from "../native/libc.ts"
import { fsPath } from "./files.ts"

/** What only putting an export back needs, beside durable.ts. */

/**
 * Puts a finished file in another's place, so that the name is never without a file. "exchanged": the other one now
 * stands under `from`; "replaced": the system cannot do that, and the other one is gone.
 */
export async function exchangeFiles(from: DiskPath, to: DiskPath): Promise<"exchanged" | "replaced"> {
  if ((await libcCalls())?.exchange(from, to) === 0) return "exchanged"
  renameSync(fsPath(from), fsPath(to))
  return "replaced"
}

/** Makes a link; "taken" when the name exists. */
export function makeSymlink(path: DiskPath, target: DiskPath): "made" | "taken" {
  try {
    symlinkSync(fsPath(target) as string, fsPath(path) as string)
    return "made"
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return "taken"
    throw error
  }
}
