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
 * Whether a manifest names a file of its own export: the `.jsonl`, or one below `.files`. One that names files
 * elsewhere (the source itself, `../../.ssh/id`) proves nothing, and nothing is read or written by it.
 */
export function isInside(file: ManifestFile, path: string): boolean {
  const name = basename(path)
  if (file.role === "transcript") return file.path === name
  const parts = file.path.split("/")
  return file.path.startsWith(`${name.replace(/\.jsonl$/, ".files")}/`) && !parts.includes("..")
}

/** What an export lacks, or has a link in the place of, is damage; and so is whatever a decoder throws. */
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
    const message = `${file.path} of ${saved.name} cannot be had: ${(error as Error)?.message ?? error}`
    throw new RescueError("DAMAGED", message, "see the others: session-rescue verify", { cause: error })
  }
}

/** Why a file that a manifest names is never opened; null when it lies in its export, without a link on the way. */
export function reasonOutsideExport(saved: SavedExport, file: ManifestFile): string | null {
  if (!isInside(file, saved.path)) return "its manifest names a file outside its export"
  return reasonNotBelow(dirname(saved.path), file.path)
}

/** Why a name does not lead to a file below a folder; null when it does, without a link on the way. */
export function reasonNotBelow(folder: string, name: string): string | null {
  const parts = safePathParts(name)
  if (parts === null) return "its name leads elsewhere"
  let path = folder
  for (const part of parts) {
    path = `${path}/${part}`
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
      return "it is a link, or lies behind one"
  }
  return null
}

/** The bytes of one file of an export whose own files lie there, from `from` on; nothing is proved by reading. */
export async function* readRaw(saved: SavedExport, file: ManifestFile, from = 0): AsyncIterable<Uint8Array> {
  const why = reasonOutsideExport(saved, file)
  // safety: read-inside
  if (why !== null) {
    const message = `${saved.manifestPath} names ${file.path}: ${why}`
    throw new RescueError("DAMAGED", message, "it was not opened; look at that manifest by hand")
  }
  yield* readRegularFile(`${dirname(saved.path)}/${file.path}`, from)
}

/** A plain file's bytes in steps; each is done with when the next is asked for. */
export async function* readRegularFile(path: string, from = 0): AsyncIterable<Uint8Array> {
  const source = openSource(path)
  try {
    const room = Buffer.allocUnsafe(chunkBytes)
    for (let offset = from; offset < source.length; ) {
      const count = readFully(source.fd, room, offset)
      if (count === 0) break
      offset += count
      yield room.subarray(0, count)
    }
  } catch (error) {
    throw toReadError(error, source.path)
  } finally {
    closeSource(source)
  }
}
