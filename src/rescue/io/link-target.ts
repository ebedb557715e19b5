import type { DiskPath } from "../../domain/disk-path.ts"
import { readLink } from "../../system/fs/files.ts"

/** Where a link of the footprint points; it is recorded and not followed. null when it is gone. */
export function linkTarget(path: DiskPath): DiskPath | null {
  try {
    return readLink(path)
  } catch {
    return null
  }
}
