import { basename, dirname } from "node:path"
import { RescueError } from "../session/errors.ts"
import type { SavedExport } from "../session/export.ts"
import type { ManifestFile } from "../session/manifest.ts"
import { readTrouble } from "../system/trouble.ts"
import { closeSource, fill, openSource } from "./source.ts"
import { stepBytes } from "./sums.ts"

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

/** The bytes of one file of an export whose own files lie there, from `from` on; nothing is proved by reading. */
export async function* readRaw(saved: SavedExport, file: ManifestFile, from = 0): AsyncIterable<Uint8Array> {
  // safety: read-inside
  if (!isInside(file, saved.path)) {
    const message = `${saved.manifestPath} names a file outside its export: ${file.path}`
    throw new RescueError("DAMAGED", message, "it was not opened; look at that manifest by hand")
  }
  const source = openSource(`${dirname(saved.path)}/${file.path}`)
  try {
    const room = Buffer.allocUnsafe(stepBytes)
    for (let offset = from; offset < source.length; ) {
      const count = fill(source.fd, room, offset)
      if (count === 0) break
      offset += count
      yield room.subarray(0, count) // done with when the next is asked for
    }
  } catch (error) {
    throw readTrouble(error, source.path)
  } finally {
    closeSource(source)
  }
}
