import { randomBytes } from "node:crypto"
import { type DiskPath, joinPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { closeFile, createFile, discard, flushFile, writeAll } from "../../system/fs/durable.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { readOrDamaged } from "../catalog/export-files.ts"
import { digestStream } from "../io/digest.ts"
import { hasOwnerExited, ownTag } from "../io/owner-tag.ts"
import { firstBytes } from "../verify/compare-existing.ts"

const tempNamePattern = /^\.([0-9a-fA-F-]{36})\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.restoring$/

/** A name beside the final one, so that publishing is a link within one folder. */
export async function tempFileIn(folder: DiskPath, id: string): Promise<DiskPath> {
  return joinPath(folder, `.${id}.${await ownTag()}.${randomBytes(4).toString("hex")}.restoring`)
}

/** Removes the temporary files of dead runs that restored this session; they only hold copies of our own exports. */
export async function sweepTempFiles(folder: DiskPath, id: string): Promise<void> {
  for (const name of listDirOrEmpty(folder)) {
    const [, of, owner = ""] = tempNamePattern.exec(name) ?? []
    if (of === id && (await hasOwnerExited(owner))) discard(joinPath(folder, name))
  }
}

/**
 * Writes one file of an export and verifies it against the manifest twice: the bytes as they are written, and the
 * file read back after the flush. `temporary` exists only if this succeeds.
 */
export async function writeVerified(
  saved: SavedExport,
  file: ManifestFile,
  temporary: DiskPath,
  read: ReadStored,
  progress: Progress,
): Promise<void> {
  const fd = createFile(temporary)
  let proved = false
  try {
    const write = (bytes: Uint8Array, offset: number) => writeAll(fd, bytes, offset)
    const stored = await digestStream(readOrDamaged(read, saved, file), file.length, false, progress, write)
    // safety: restore-sum
    if (stored.length !== file.length || stored.sha256 !== file.sha256) {
      const message = `${file.path} of ${saved.name} does not match its manifest`
      throw new RescueError("DAMAGED", message, `check the exports: session-rescue verify ${saved.name}`)
    }
    await flushFile(fd) // safety: restore-fsync
    ;(await pageCache()).forget(fd)
    const written = await digestStream(firstBytes(fd, file.length), file.length, false, progress)
    // safety: restore-read-back
    if (written.length !== file.length || written.sha256 !== file.sha256) {
      const message = `${file.relative} reads back different from what was written`
      throw new RescueError("COPY_MISMATCH", message, "try again; if it stays so, the disk may be failing")
    }
    proved = true
  } finally {
    closeFile(fd)
    if (!proved) discard(temporary)
  }
}
