import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { silent } from "../../domain/progress.ts"
import { readPending } from "../../rescue/catalog/saved-exports.ts"
import { adoptCopy, sessionIn } from "../../rescue/export/adopt.ts"
import { findMovedTranscript, reattachTranscript } from "../../rescue/export/moved-transcript.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { PendingItem } from "./queue.ts"

interface RepairOptions {
  readonly paths: Paths
  readonly version: string
  readonly signal: AbortSignal
  readonly warn: (message: string) => void
}

/**
 * Completes a pending item: a foreign `.jsonl` gets a manifest, a transcript that another tool has moved to
 * the archive is reattached. null when the item no longer exists. Throws when it cannot be completed.
 */
export async function completeExport(
  waiting: PendingItem,
  options: RepairOptions,
): Promise<SavedExport | null> {
  const { paths, version, signal, warn } = options
  const progress = silent(signal)
  if (waiting.kind === "export") return readPending(paths.pending, waiting.name)
  if (waiting.kind === "foreign") {
    const session = sessionIn(waiting.path)
    if (session === null) {
      const message = `${waiting.path} has no manifest, and no record in it names a session`
      throw new RescueError(
        "SOURCE_NOT_REGULAR",
        message,
        "if it is not a transcript, move it to another folder",
      )
    }
    const adopted = await adoptCopy(waiting.path, session, entryPath(session, paths), {
      archive: paths.archive,
      version,
      now: () => new Date(),
      progress,
    })
    warn(
      `${waiting.name}.jsonl had no manifest: one was written for its content as found, and it is now an export`,
    )
    return adopted
  }
  const { saved, why } = waiting
  const transcript = saved?.manifest.files.find((file) => file.role === "transcript")
  const taken =
    transcript === undefined ? null : await findMovedTranscript(paths.archive, transcript, progress)
  if (saved === null || taken === null) {
    const hint = "see session-rescue verify; export the session again if it is still there"
    throw new RescueError("DAMAGED", `${waiting.name} is not a complete export: ${why}`, hint)
  }
  await reattachTranscript(saved, taken, paths.pending, progress)
  return readPending(paths.pending, waiting.name)
}

/**
 * The path at which Claude Code would look for it: the folder is named after the session's working directory.
 */
function entryPath({ id, cwd }: { id: string; cwd: string | null }, { home }: Paths) {
  const folder = (cwd ?? home).replace(/[^A-Za-z0-9]/g, "-")
  return { home: `${home}/.claude`, relative: `projects/${folder}/${id}.jsonl` }
}
