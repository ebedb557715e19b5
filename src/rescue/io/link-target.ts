import type { DiskPath } from "../../domain/disk-path.ts"
import { readLink } from "../../system/fs/files.ts"

/** The target of a link in the footprint; it is recorded but not followed. null when the link is gone. */
export function linkTarget(path: DiskPath): DiskPath | null {
  try {
    return readLink(path)
  } catch {
    return null
  }
}
