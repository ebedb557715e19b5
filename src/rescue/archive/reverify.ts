import { readFileSync } from "node:fs"
import { dirname } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import { flushFolder } from "../../system/fs/durable.ts"
import { verifyStored } from "../verify/archive-reader.ts"
import { notFlushed } from "./folder.ts"
import type { RawExport } from "./remove-raw.ts"
import { verifyAll } from "./verify-all.ts"

/** An archive from an earlier run, or put there manually, is verified like a new one. */
export async function reverifyArchive(
  archived: SavedExport,
  raw: RawExport,
  options: { readonly progress: Progress; readonly readStored: ReadStored },
): Promise<SavedExport> {
  // safety: archive-of-this
  if (!raw.manifestBytes.equals(readFileSync(archived.manifestPath))) {
    const message = `${archived.manifestPath} belongs to a different export than ${raw.saved.manifestPath}`
    throw new RescueError("DAMAGED", message, "nothing was removed; compare the two")
  }
  if (archived.archive !== null) await verifyStored(dirname(archived.manifestPath), archived.archive.stored)
  await verifyAll(raw, (file) => options.readStored(archived, file, 0), options.progress) // safety: archive-decoded-anew
  // safety: archive-found-fsync
  if (!flushNames(archived)) throw notFlushed(dirname(archived.manifestPath))
  return archived
}

/** The archive may have been published without a flush: by an interrupted run or manually. */
function flushNames({ manifestPath, manifest, archive }: SavedExport): boolean {
  const folder = dirname(manifestPath)
  const folders = new Set([folder])
  for (const { path } of archive?.stored ?? manifest.files) {
    for (let above = dirname(path); above !== "."; above = dirname(above)) folders.add(`${folder}/${above}`)
  }
  return ![...folders].map((each) => flushFolder(each)).includes(false)
}
