/** Processes the pending exports and updates the index (`cx`). */

import { emptySummary, type IndexSummary } from "../../domain/conversation/index-summary.ts"
import { interrupted, isRescueError, type RescueError } from "../../domain/errors.ts"
import type { ProjectFilter } from "../../domain/project-filter.ts"
import { rebuildIndex, recordFullRead } from "../../index/index.ts"
import { catchUp, eachSessionBatch } from "../../pipeline/indexing/catch-up.ts"
import { IndexSession } from "../../pipeline/indexing/index-session.ts"
import { processEveryPending } from "../../pipeline/queue/every-agent.ts"
import type { ProcessedExport, ProcessingPlan, ProcessingReport } from "../../pipeline/queue/processing.ts"
import { extractorName } from "../../pipeline/queue/queue.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { indexPath } from "../../system/config/paths.ts"

export interface CxOptions extends ProcessingPlan {
  readonly index: boolean
  /** Read the clients' homes as well, without exporting. */
  readonly live: boolean
  /** Start with an empty index and read everything. */
  readonly rebuild: boolean
  /** Transcripts elsewhere, which are only read. */
  readonly files: readonly string[]
  readonly agent: string | null
  /** Only live sessions whose folder path contains this. */
  readonly project: ProjectFilter | null
}

export interface CxReport extends ProcessingReport {
  readonly indexed: IndexSummary
  /** Why the index could not be updated; the results of the exports are still reported. */
  readonly indexFailure: RescueError | null
  /** Number of sessions examined outside the pending folder. */
  readonly sessionsSeen: number
  /** Time spent reading into the index, in milliseconds. */
  readonly durationMs: number
}

/**
 * Runs the post-process stage over the pending exports; then updates the index with the archive and, if requested, with
 * the clients' homes.
 */
export async function cx(options: CxOptions, ctx: RunContext): Promise<CxReport> {
  const { index, rebuild, paths, warn } = options
  if (!index || !rebuild) {
    const session = new IndexSession(paths.data, warn)
    const report = await processAndIndex(options, session, ctx).finally(() => session.close())
    if (index) recordIfComplete(options, ctx, report)
    return report
  }
  const { result, kept } = await rebuildIndex(indexPath(paths.data), async (writer) => {
    const session = new IndexSession(paths.data, warn, writer)
    const report = await processAndIndex(options, session, ctx)
    if (!report.interrupted) return report
    throw interrupted("the old index stays in use")
  })
  recordIfComplete(options, ctx, result)
  if (kept !== null)
    warn(`the old index was kept as ${kept}: it alone contains text whose files no longer exist`)
  return result
}

/** Records that everything in the homes at the start of this run is in the index, if it is. */
function recordIfComplete(
  options: CxOptions,
  ctx: RunContext,
  { interrupted, indexFailure }: CxReport,
): void {
  const { live, rebuild, agent, project, names, paths } = options
  if (interrupted || indexFailure !== null || agent !== null || project !== null || names !== null) return
  if (live || rebuild) recordFullRead(indexPath(paths.data), ctx.now)
}

async function processAndIndex(
  options: CxOptions,
  indexSession: IndexSession,
  ctx: RunContext,
): Promise<CxReport> {
  const { index, rebuild, paths, signal } = options
  const report = await processEveryPending({ ...options, indexSession })
  const nothing = { indexed: emptySummary, sessionsSeen: 0, durationMs: 0, indexFailure: null }
  if (!index) return { ...report, ...nothing }
  try {
    const ingest = await indexSession.open()
    const sessionsSeen = report.interrupted ? 0 : await catchUp(ingest, options, ctx, indexedJustNow(report))
    if (!report.interrupted) ingest.settle(paths)
    const { summary: indexed, durationMs } = ingest
    return { ...report, interrupted: signal.aborted, indexed, sessionsSeen, durationMs, indexFailure: null }
  } catch (error) {
    if (rebuild || !isRescueError(error)) throw error // an incomplete index must not replace the old one
    return { ...report, ...nothing, indexFailure: error }
  }
}

/** Exports that the post-process stage has just indexed; `settle` updates their locations. */
function indexedJustNow({ exports }: ProcessingReport): ReadonlySet<string> {
  const isRead = ({ outcomes }: ProcessedExport) =>
    outcomes.some(({ plugin, status }) => plugin === extractorName && status === "done")
  return new Set(exports.filter(isRead).map(({ name }) => name))
}

/** Number of sessions and files to examine, besides the pending exports. Reads and writes no files. */
export async function countSessionsToRead(
  options: Pick<CxOptions, "index" | "live" | "rebuild" | "agent" | "project" | "files">,
  ctx: RunContext,
): Promise<number> {
  const { index, live, rebuild, agent, project, files } = options
  if (!index) return 0
  let count = files.length
  if (live || rebuild)
    for await (const batch of eachSessionBatch({ agent, project }, ctx)) count += batch.length
  return count
}
