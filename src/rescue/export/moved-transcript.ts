import { lstatSync } from "node:fs"
import type { SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { discard, flushFolder, hardlinkFile, publishFile } from "../../system/fs/durable.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"
import { copyVerified } from "../copy/copy.ts"
import { digestFile } from "../io/digest.ts"
import { openStaging } from "./staging.ts"

/**
 * Finds an export's transcript after another tool has moved it out of the pending folder (CODITECT's /cx moves what
 * it has read): the file of that length and checksum in the archive folder, whatever its name. null: not found.
 */
export async function findMovedTranscript(
  archive: string,
  transcript: ManifestFile,
  progress: Progress,
): Promise<string | null> {
  for (const name of listDirOrEmpty(archive)) {
    if (name.startsWith(".")) continue
    const path = `${archive}/${name}`
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat?.isFile() !== true || stat.size !== transcript.length) continue
    if ((await digestFile(path, progress)) === transcript.sha256) return path
  }
  return null
}

/**
 * Completes an export whose transcript another tool has moved to `taken`; that tool's file stays where it is.
 * `broken` has everything except its `.jsonl`. false when another file now has the `.jsonl`'s name.
 */
export async function reattachTranscript(
  broken: SavedExport,
  taken: string,
  pending: string,
  progress: Progress,
): Promise<boolean> {
  const staging = await openStaging(pending, broken.manifest.session.id as Parameters<typeof openStaging>[1])
  try {
    if (!hardlinkFile(taken, staging.transcript))
      await copyVerified(taken, staging.transcript, false, progress)
    const published = await publishFile(staging.transcript, `${pending}/${broken.name}.jsonl`)
    flushFolder(pending)
    return published === "published"
  } finally {
    discard(staging.folder)
  }
}
