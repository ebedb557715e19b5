import { renameSync, symlinkSync } from "node:fs"
import type { DiskPath } from "../../domain/disk-path.ts"
import { systemCalls } from "../native/libc.ts"
import { native } from "./files.ts"

/** What only putting an export back needs, beside durable.ts. */

/**
 * Puts a finished file in another's place, so that the name is never without a file. "exchanged": the other one now
 * stands under `from`; "replaced": the system cannot do that, and the other one is gone.
 */
export async function takePlace(from: DiskPath, to: DiskPath): Promise<"exchanged" | "replaced"> {
  if ((await systemCalls())?.exchange(from, to) === 0) return "exchanged"
  renameSync(native(from), native(to))
  return "replaced"
}

/** Makes a link; "taken" when the name exists. */
export function makeLink(path: DiskPath, target: DiskPath): "made" | "taken" {
  try {
    symlinkSync(native(target) as string, native(path) as string)
    return "made"
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return "taken"
    throw error
  }
}
