import { readlinkSync } from "node:fs"
import { type DiskPath, diskPath } from "../session/disk-path.ts"
import { native } from "../system/files.ts"

/** Where a link of the footprint points; it is recorded and not followed. null when it is gone. */
export function linkTarget(path: DiskPath): DiskPath | null {
  try {
    return diskPath(readlinkSync(native(path), "buffer"))
  } catch {
    return null
  }
}
