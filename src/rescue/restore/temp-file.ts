import { randomBytes } from "node:crypto"
import { type DiskPath, joinPath } from "../../domain/disk-path.ts"
import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { idForm } from "../../domain/session/session-id.ts"
import { closeFile, createFile, discard, writeAll } from "../../system/fs/durable.ts"
import { type GroupFlush, openGroupFlush } from "../../system/fs/group-flush.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { readOrDamaged } from "../catalog/export-files.ts"
import { digestStream } from "../io/digest.ts"
import { hasOwnerExited, ownTag } from "../io/owner-tag.ts"
import { firstBytes } from "../verify/compare-existing.ts"

const tempNamePattern = new RegExp(`^\\.(${idForm})\\.([0-9a-f]{8}-\\d+-\\d+)\\.[0-9a-f]{8}\\.restoring$`)

/** A name beside the final one, so that publishing is a link within one folder. */
export async function tempFileIn(folder: DiskPath, id: string): Promise<DiskPath> {
  return joinPath(folder, `.${id}.${await ownTag()}.${randomBytes(4).toString("hex")}.restoring`)
}

/** Removes the temporary files of dead runs that restored these sessions; they only hold copies of our own exports. */
export async function sweepTempFiles(folder: DiskPath, ids: ReadonlySet<string>): Promise<void> {
  for (const name of listDirOrEmpty(folder)) {
    const [, of = "", owner = ""] = tempNamePattern.exec(name) ?? []
    if (ids.has(of) && (await hasOwnerExited(owner))) discard(joinPath(folder, name))
  }
}

/** A file of an export on its way to a temporary file. */
interface TempFile<Owner> {
  readonly saved: SavedExport
  readonly file: ManifestFile
  readonly temporary: DiskPath
  readonly owner: Owner
}

/** At most this many are open: they are flushed and read again before more is written. */
const maxOpenFiles = 128

/**
 * Temporary files that are verified against their manifests twice: the bytes as they are written, and the file read back
 * after a flush that all share. A temporary file that failed is removed.
 */
export class TempFileBatch<Owner> {
  /** The first file of each owner that could not be flushed, or reads back different. */
  readonly failures = new Map<Owner, { readonly file: ManifestFile; readonly error: Error }>()
  #flush: GroupFlush | null = null
  #open: (TempFile<Owner> & { readonly fd: number })[] = []

  /** `folder`: where the file is. Throws when it cannot be written or does not match its manifest. */
  async add(
    temp: TempFile<Owner>,
    folder: DiskPath,
    { read, progress }: { readonly read: ReadStored; readonly progress: Progress },
  ): Promise<void> {
    if (this.#open.length >= maxOpenFiles) await this.verify(progress)
    this.#flush ??= await openGroupFlush(typeof folder === "string" ? folder : "/") // another disk: one by one
    const { saved, file, temporary } = temp
    const fd = createFile(temporary)
    try {
      const write = (bytes: Uint8Array, offset: number) => writeAll(fd, bytes, offset)
      const stored = await digestStream(readOrDamaged(read, saved, file), file.length, false, progress, write)
      // safety: restore-sum
      if (stored.length !== file.length || stored.sha256 !== file.sha256) {
        const message = `${file.path} of ${saved.name} does not match its manifest`
        throw new RescueError("DAMAGED", message, `check the exports: session-rescue verify ${saved.name}`)
      }
      this.#open.push({ ...temp, fd })
    } catch (error) {
      closeFile(fd)
      discard(temporary)
      throw error
    }
  }

  /** Flushes what is written and reads it again; `failures` says what is not as it should be. */
  async verify(progress: Progress): Promise<void> {
    const written = this.#open
    const flushed = await this.#flush?.flush(written.map(({ fd }) => fd)) // safety: restore-fsync
    for (const { fd, file, owner, temporary } of written) {
      try {
        // safety: restore-flush-failed
        if (flushed?.failed.has(fd)) throw flushed.failed.get(fd)
        ;(await pageCache()).forget(fd)
        const found = await digestStream(firstBytes(fd, file.length), file.length, false, progress)
        // safety: restore-read-back
        if (found.length !== file.length || found.sha256 !== file.sha256) {
          const message = `${file.relative} reads back different from what was written`
          throw new RescueError(
            "COPY_MISMATCH",
            message,
            "try again; if it stays so, the disk may be failing",
          )
        }
      } catch (error) {
        if (isRescueError(error) && error.code === "INTERRUPTED") throw error
        if (!this.failures.has(owner)) this.failures.set(owner, { file, error: error as Error })
        discard(temporary)
      }
    }
    this.close()
  }

  close(): void {
    for (const { fd } of this.#open) closeFile(fd)
    this.#open = []
    this.#flush?.close()
    this.#flush = null
  }
}
