import { readFileSync } from "node:fs"
import { RescueError } from "../../domain/errors.ts"
import type { ArchiveRecord, StoredFile } from "../../domain/export/archive-record.ts"
import { silent } from "../../domain/progress.ts"
import { readArchived } from "../../rescue/catalog/saved-exports.ts"
import { digestOpenFile } from "../../rescue/io/digest.ts"
import { closeSource, openSource } from "../../rescue/io/source-file.ts"
import type { StoreObject } from "../../sdk/contracts.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import type { Candidate } from "./candidates.ts"
import { objectOf } from "./remote.ts"

/** A local file that is to become an object. */
export interface LocalObject extends StoreObject {
  /** Relative to the export's folder. */
  readonly name: string
  close(): void
}

/** The local archive of one export, as it is now. */
export interface LocalArchive {
  readonly recordSha256: string
  readonly record: ArchiveRecord
  /** The record, the manifest, the archiver's files; each is opened when it is asked for. */
  readonly parts: readonly (() => Promise<LocalObject>)[]
}

/** Throws `DAMAGED` when the archive is no longer what its record says: nothing of it is to be pushed then. */
export function openLocalArchive({ folder, name }: Candidate, signal: AbortSignal): LocalArchive {
  const saved = readArchived(folder, name)
  if (saved === null || saved.archive === null)
    throw new RescueError(
      "DAMAGED",
      `the archive of ${name} cannot be read`,
      `look at it: session-rescue verify ${name}`,
    )
  const recordBytes = readFileSync(`${folder}/${name}.archive.json`)
  const manifestBytes = readFileSync(saved.manifestPath)
  const fromMemory = (fileName: string, bytes: Buffer) => async () => ({
    name: fileName,
    ...objectOf(bytes),
    close() {},
  })
  const sha256 = new Bun.CryptoHasher("sha256").update(recordBytes).digest("hex")
  return {
    recordSha256: sha256,
    record: saved.archive,
    parts: [
      fromMemory(`${name}.archive.json`, recordBytes),
      fromMemory(`${name}.manifest.json`, manifestBytes),
      ...saved.archive.stored.map((file) => () => openStoredObject(folder, file, signal)),
    ],
  }
}

async function openStoredObject(folder: string, file: StoredFile, signal: AbortSignal): Promise<LocalObject> {
  const source = openSource(`${folder}/${file.path}`)
  try {
    const sha256 = await digestOpenFile(source.fd, source.length, silent(signal))
    // safety: push-whole
    if (source.length !== file.length || sha256 !== file.sha256)
      throw new RescueError(
        "DAMAGED",
        `${folder}/${file.path} is not what was archived: it is not pushed`,
        "see what is left of it: session-rescue verify",
      )
  } catch (error) {
    closeSource(source)
    throw error
  }
  return {
    name: file.path,
    length: file.length,
    sha256: file.sha256,
    async read(offset, length) {
      const bytes = Buffer.allocUnsafe(Math.min(length, Math.max(0, file.length - offset)))
      return bytes.subarray(0, readFully(source.fd, bytes, offset))
    },
    close: () => closeSource(source),
  }
}
