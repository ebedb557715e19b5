import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { makeFolders } from "../../system/fs/durable.ts"
import { readRange } from "../../system/fs/read-range.ts"
import { ScratchFile } from "../../system/fs/scratch-file.ts"
import { readOrDamaged } from "../catalog/export-files.ts"
import type { TranscriptFile } from "./file-source.ts"

/** A transcript in the archive, decoded into an unnamed temporary file that can be read at any place. */
export function spoolStored(
  saved: SavedExport,
  file: ManifestFile,
  read: ReadStored,
  folder: string,
): Promise<TranscriptFile> {
  const facts = { path: saved.path, modifiedAt: new Date(file.modifiedAt) }
  return spool(readOrDamaged(read, saved, file), folder, facts)
}

/** A file that has no name any more, such as `/proc/PID/fd/N`. */
export function spoolFile(path: string, folder: string): Promise<TranscriptFile> {
  return spool(readRange(path, 0), folder, { path, modifiedAt: new Date(0) })
}

/** The bytes of a stream in such a temporary file. */
export async function spool(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  folder: string,
  facts: Pick<TranscriptFile, "path" | "modifiedAt">,
): Promise<TranscriptFile> {
  makeFolders(folder, false)
  const scratch = new ScratchFile(`${folder}/.transcript`)
  try {
    for await (const chunk of bytes) scratch.add(chunk)
  } catch (error) {
    scratch.close()
    throw error
  }
  return {
    ...facts,
    length: scratch.length,
    device: 0n,
    inode: 0n,
    read(from, length) {
      const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, scratch.length - from)))
      scratch.read(from, buffer)
      return buffer
    },
    wasWritten: () => false,
    close: () => scratch.close(),
  }
}
