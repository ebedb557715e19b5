import { lstatSync } from "node:fs"
import { basename, dirname } from "node:path"
import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { safePathParts } from "../../domain/export/recorded-path.ts"
import { toReadError } from "../../system/fs/io-errors.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { chunkBytes } from "../io/chunk-sizes.ts"
import { closeSource, openSource } from "../io/source-file.ts"

/**
 * Whether a manifest names a file of its own export: the `.jsonl`, or a file below `.files`. A manifest that names
 * other files (the source itself, `../../.ssh/id`) proves nothing, and is not used for reading or writing.
 */
export function isInside(file: ManifestFile, path: string): boolean {
  const name = basename(path)
  if (file.role === "transcript") return file.path === name
  const parts = file.path.split("/")
  return file.path.startsWith(`${name.replace(/\.jsonl$/, ".files")}/`) && !parts.includes("..")
}

/** A missing file, a link in its place, and any error of a decoder count as damage. */
export async function* readOrDamaged(
  read: ReadStored,
  saved: SavedExport,
  file: ManifestFile,
): AsyncIterable<Uint8Array> {
  try {
    yield* read(saved, file)
  } catch (error) {
    const lacking = ["SOURCE_GONE", "SOURCE_IS_LINK", "SOURCE_NOT_REGULAR"]
    if (isRescueError(error) && !lacking.includes(error.code)) throw error
    const message = `${file.path} of ${saved.name} is not available: ${(error as Error)?.message ?? error}`
    throw new RescueError("DAMAGED", message, "see the others: session-rescue verify", { cause: error })
  }
}

/** Why a file named by a manifest must not be opened; null when it is in its export and no link is on its path. */
export function reasonOutsideExport(saved: SavedExport, file: ManifestFile): string | null {
  if (!isInside(file, saved.path)) return "its manifest names a file outside its export"
  return reasonNotBelow(dirname(saved.path), file.path)
}

/** Why a name is not a file below a folder; null when it is, and no link is on its path. */
export function reasonNotBelow(folder: string, name: string): string | null {
  const parts = safePathParts(name)
  if (parts === null) return "its name leads out of its export"
  let path = folder
  for (const part of parts) {
    path = `${path}/${part}`
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
      return "it is a link, or is reached through one"
  }
  return null
}

/** The bytes of one file of an unarchived export, from `from` on; not verified. */
export async function* readRaw(saved: SavedExport, file: ManifestFile, from = 0): AsyncIterable<Uint8Array> {
  const why = reasonOutsideExport(saved, file)
  // safety: read-inside
  if (why !== null) {
    const message = `${saved.manifestPath} names ${file.path}: ${why}`
    throw new RescueError("DAMAGED", message, "it was not opened; inspect that manifest")
  }
  yield* readRegularFile(`${dirname(saved.path)}/${file.path}`, from)
}

/** The bytes of a plain file in chunks; a chunk is valid only until the next one is requested. */
export async function* readRegularFile(path: string, from = 0): AsyncIterable<Uint8Array> {
  const source = openSource(path)
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes)
    for (let offset = from; offset < source.length; ) {
      const count = readFully(source.fd, buffer, offset)
      if (count === 0) break
      offset += count
      yield buffer.subarray(0, count)
    }
  } catch (error) {
    throw toReadError(error, source.path)
  } finally {
    closeSource(source)
  }
}
