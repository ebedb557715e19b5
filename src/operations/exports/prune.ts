import type { ReadStored } from "../../domain/export/export.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import { type ProgressReporter, reportTo } from "../../domain/progress.ts"
import { type SessionId, shortId } from "../../domain/session/session-id.ts"
import { everyFolders, pathsAround } from "../../rescue/catalog/folders.ts"
import { listNames } from "../../rescue/catalog/name-index.ts"
import { finishRemovals } from "../../rescue/catalog/remove-export.ts"
import { readSavedExports } from "../../rescue/catalog/saved-exports.ts"
import { type PruneResult, pruneSession } from "../../rescue/prune/prune.ts"
import type { Paths } from "../../system/config/paths.ts"
import { selectExports } from "./select.ts"

export type { PruneResult } from "../../rescue/prune/prune.ts"

export interface PruneRunOptions {
  readonly paths: Paths
  readonly dryRun: boolean
  readonly readStored: ReadStored
  readonly reporter: ProgressReporter
  readonly signal: AbortSignal
}

/** Removes what newer or archived exports hold byte for byte, session after session. */
export async function pruneAll(facts: PruneRunOptions): Promise<PruneResult> {
  if (!facts.dryRun)
    for (const { pending } of everyFolders(facts.paths.data)) await finishRemovals(pending, null)
  const entries = selectExports([], facts.paths).filter(({ kind }) => kind === "export")
  const pending = [...Map.groupBy(entries, ({ id }) => id).values()]
    .filter((each) => each.length > 1) // an only one stays: its session need not be looked up in a full folder
    .flatMap((each) => each.filter(({ place }) => place === "pending"))
  let all: PruneResult = { removed: [], kept: [], failures: [], interrupted: false }
  const byId = new Map(pending.map((entry) => [entry.id, entry]))
  for (const [id, { path }] of byId) {
    if (facts.signal.aborted || all.interrupted) return { ...all, interrupted: true }
    if (id === null) continue
    const one = await prunePending(id, { ...facts, paths: pathsAround(facts.paths, path) })
    all = {
      removed: [...all.removed, ...one.removed],
      kept: [...all.kept, ...one.kept],
      failures: [...all.failures, ...one.failures],
      interrupted: one.interrupted,
    }
  }
  return all
}

/** The same for one session, in the folders of its agent: what a hook calls after an export. */
export async function prunePending(
  id: SessionId,
  { paths, dryRun, readStored, reporter, signal }: PruneRunOptions,
): Promise<PruneResult> {
  const progress = reportTo(reporter, signal)
  const { pending, archive } = paths
  const exports = readSavedExports(pending, archive, listNames(pending, archive, id)).of(id)
  const bytes = exports.reduce((sum, { manifest }) => sum + totalBytes(manifest), 0)
  reporter.begin(shortId(id), 2 * bytes, exports[0]?.manifest.session.title) // what holds others is verified, then compared
  try {
    return await pruneSession(id, { pending, archive, read: readStored, progress, dryRun })
  } finally {
    reporter.end()
  }
}
