/** Pruning: removes pending exports whose every byte another, verified export holds. */
import { lstatSync } from "node:fs"
import { isRescueError, type RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import type { Progress } from "../../domain/progress.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { listNames } from "../catalog/name-index.ts"
import { finishRemovals, removeExport } from "../catalog/remove-export.ts"
import { readSavedExports } from "../catalog/saved-exports.ts"
import { lockExport } from "../io/lock.ts"
import { dropStaleGuards } from "../protect/hardlink-guard.ts"
import { checkExport, isDamage } from "../verify/check-export.ts"
import { reasonCannotContain, reasonNotContained } from "../verify/contains.ts"

export interface PruneOptions {
  readonly pending: string
  readonly archive: string
  readonly read: ReadStored
  readonly progress: Progress
  readonly dryRun: boolean
}

interface Pruned {
  readonly saved: SavedExport
  readonly bytes: number
  /** The export that holds all of it, verified and compared just before. */
  readonly supersededBy: SavedExport
}

export interface PruneResult {
  /** In a dry run: what would be removed. */
  readonly removed: readonly Pruned[]
  /** Pending exports that are kept although their session has other exports, each with the reason. */
  readonly kept: readonly { readonly saved: SavedExport; readonly why: string }[]
  readonly failures: readonly { readonly saved: SavedExport; readonly error: RescueError }[]
  /** Cancelled with Ctrl-C: the exports in `removed` are done, the rest were not examined. */
  readonly interrupted: boolean
}

/**
 * Removes pending exports of one session that a newer or an archived export holds byte for byte: every file is
 * compared now, with a keeper that was fully verified in this run. Nothing else is removed, and never an only copy.
 */
export async function pruneSession(id: SessionId, options: PruneOptions): Promise<PruneResult> {
  const { pending, archive, read, progress, dryRun } = options
  if (!dryRun) await finishRemovals(pending, id)
  const all = readSavedExports(pending, archive, listNames(pending, archive, id)).of(id)
  const whole = createVerifier(read, progress)
  const removed: Pruned[] = []
  const kept: { saved: SavedExport; why: string }[] = []
  const failures: { saved: SavedExport; error: RescueError }[] = []
  for (const saved of all.filter(({ place }) => place === "pending").toReversed()) {
    const others = listKeepers(saved, all, removed)
    if (others.length === 0) continue // the newest one, and none is archived: nothing to report
    try {
      const found = await findKeeper(saved, others, whole, options)
      const why = typeof found === "string" ? found : dryRun ? null : await remove(saved, found, pending)
      if (typeof found === "string" || why !== null) kept.push({ saved, why: why ?? "" })
      else removed.push({ saved, bytes: totalBytes(saved.manifest), supersededBy: found })
    } catch (error) {
      if (isRescueError(error) && error.code === "INTERRUPTED")
        return { removed, kept, failures, interrupted: true }
      failures.push({ saved, error: toWriteError(error, saved.path) })
    }
  }
  return { removed, kept, failures, interrupted: false }
}

/** Why it could not be removed; null when it was removed. Skipped while another run works on it. */
async function remove(saved: SavedExport, keeper: SavedExport, pending: string): Promise<string | null> {
  const lock = await lockExport(pending, saved.name)
  if (lock === null) return "another run is working on it" // safety: prune-lock
  try {
    if (lstatSync(keeper.manifestPath, { throwIfNoEntry: false }) === undefined)
      return "the export that contains it has just been removed"
    if (!(await removeExport(saved))) return "another run removed it"
    await dropStaleGuards(pending, saved.name)
    return null
  } finally {
    lock.release()
  }
}

/** Archived exports first, then newer pending ones, newest first; excludes those removed in this run. */
function listKeepers(
  saved: SavedExport,
  all: readonly SavedExport[],
  removed: readonly Pruned[],
): readonly SavedExport[] {
  const gone = new Set(removed.map((each) => each.saved))
  const stays = all.filter((each) => each !== saved && !gone.has(each))
  return [
    ...stays.filter(({ place }) => place === "archived"),
    ...stays.filter((each) => each.place === "pending" && isNewer(each, saved)),
  ]
}

/** Compares the times in the manifests: a name may have a later second, if the right one was taken. */
function isNewer(one: SavedExport, other: SavedExport): boolean {
  const [a, b] = [one.manifest.exportedAt, other.manifest.exportedAt]
  return a > b || (a === b && one.name > other.name)
}

/** The first keeper that holds everything, or why the most likely one does not. */
async function findKeeper(
  saved: SavedExport,
  others: readonly SavedExport[],
  whole: (saved: SavedExport) => Promise<boolean>,
  { read, progress }: PruneOptions,
): Promise<SavedExport | string> {
  const reasons: string[] = []
  const say = (other: SavedExport, why: string) => reasons.push(`${other.name}: ${why}`)
  for (const other of others) {
    const unfit = reasonCannotContain(other.manifest, saved.manifest)
    if (unfit !== null) say(other, unfit)
    else if (!(await whole(other)))
      say(other, "it is damaged: session-rescue verify says where") // safety: prune-keeper-whole
    else {
      // safety: prune-compare
      const why = await reasonNotContained(saved, other, read, progress).catch(unreadable)
      if (why === null) return other
      say(other, why)
    }
  }
  return reasons[0] ?? ""
}

/** An export that cannot be compared is kept; the error's message is the reason. */
function unreadable(error: unknown): string {
  if (!isRescueError(error) || error.code === "INTERRUPTED") throw error
  return error.message
}

/** Verifies each export once per run, however many it is a keeper for. */
function createVerifier(read: ReadStored, progress: Progress): (saved: SavedExport) => Promise<boolean> {
  const known = new Map<SavedExport, boolean>()
  return async (saved) => {
    const before = known.get(saved)
    if (before !== undefined) return before
    const { problems } = await checkExport(saved, read, false, progress)
    known.set(saved, !problems.some(isDamage))
    return !problems.some(isDamage)
  }
}
