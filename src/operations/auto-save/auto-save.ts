/** Copies that nobody asked for at that moment: the watcher's, and those of the client's hooks. */
import { interrupted, type RescueError } from "../../domain/errors.ts"
import type { ExportResult } from "../../domain/export/export.ts"
import { silentReporter } from "../../domain/progress.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { tryClassify } from "../../pipeline/classify.ts"
import { isSavedUnchanged } from "../../pipeline/copies/saved-mark.ts"
import { exportAll } from "../../pipeline/export-sessions.ts"
import { laterLook } from "../../pipeline/fresh-context.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { type Paths, pathsOf } from "../../system/config/paths.ts"
import { prunePending } from "../exports/prune.ts"
import { type NoRoom, reasonNotToCopy } from "./room.ts"
import { takeTurn } from "./turn.ts"

export interface AutoSaveFacts {
  readonly ctx: RunContext
  readonly paths: Paths
  readonly version: string
  /** Unprocessed copies may take this many bytes. */
  readonly maxBytes: number
}

export interface AutoSaved {
  readonly session: ClassifiedSession
  readonly result: ExportResult | RescueError | NoRoom
  /** Older pending copies of the session, which the new one holds byte for byte. */
  readonly removed: number
  /** Another copy was being made, and took longer than this one waited. */
  readonly isBesideAnother: boolean
}

/**
 * Saves a session in its turn, if there is room; the copy takes the place of the older pending ones that it contains, so that
 * nothing fills the disk. A session of which a copy holds everything needs no room.
 */
export async function autoSave(
  found: FoundSession,
  facts: AutoSaveFacts,
  waitMs: number,
): Promise<AutoSaved> {
  const turn = await takeTurn(facts.paths, { waitMs, signal: facts.ctx.signal })
  try {
    const session = await tryClassify(found, facts.ctx)
    const { id, sizeBytes } = session
    const why = id === null ? null : reasonNotToCopy({ id, sizeBytes }, facts)
    const isFull = why !== null && !isSavedUnchanged(session, laterLook(facts.ctx, facts.paths))
    const done = isFull ? { result: why, removed: 0 } : await saveAndReplace(session, facts) // safety: auto-save-room
    return { session, ...done, isBesideAnother: turn.is === "beside another" }
  } finally {
    turn.end()
  }
}

async function saveAndReplace(
  session: ClassifiedSession,
  { ctx, paths, version }: AutoSaveFacts,
): Promise<{ result: ExportResult | RescueError; removed: number }> {
  const report = await exportAll([session], ctx, {
    paths,
    md5: false,
    unchanged: "recorded",
    version,
    reporter: silentReporter,
  })
  const [failure] = report.failures
  if (failure !== undefined) return { result: failure.error, removed: 0 }
  const [saved] = report.exports
  if (saved === undefined) return { result: interrupted(), removed: 0 }
  const { id, status } = saved.result
  if (id === null || status === "empty" || status === "unconfirmed")
    return { result: saved.result, removed: 0 }
  const { removed } = await prunePending(id, {
    paths: pathsOf(paths, session.agent),
    dryRun: false,
    readStored: storedReader(ctx.plugins),
    reporter: silentReporter,
    signal: ctx.signal,
  })
  return { result: saved.result, removed: removed.length }
}
