/** The pipeline: finds, classifies, exports and archives sessions with the plugins of a run. */
import { day } from "../domain/duration.ts"
import { isPurgeSoon } from "../domain/session/flags.ts"
import type { FoundSession } from "../domain/session/session.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import { collectGarbage } from "../system/runtime/gc.ts"
import { tryClassify } from "./classify.ts"
import type { RunContext } from "./run-context.ts"

const recentDays = 7
const maxOrphaned = 10
/** Collect garbage after each batch: transcript heads and tails add up. */
const maxBatch = 1000

export interface Scan {
  readonly sessions: readonly ClassifiedSession[]
  /** Number of sessions that were found but not read, because they are old or archived. */
  readonly notShown: number
}

/** Reads and classifies all found sessions. */
export async function scanAll(found: readonly FoundSession[], ctx: RunContext): Promise<Scan> {
  return { sessions: await classifyEach(found, ctx), notShown: 0 }
}

/**
 * The default selection: every live session, every session about to be purged, and the newest ten orphaned
 * sessions of the last seven days. The rest is counted without being read.
 */
export async function scanRelevant(found: readonly FoundSession[], ctx: RunContext): Promise<Scan> {
  const must = found.filter((each) => each.process !== null || isPurgeSoon(each, ctx.now))
  const taken = new Set(must) // both lists may have tens of thousands of entries
  const recent = newestFirst(found.filter((each) => !taken.has(each) && isRecent(each, ctx.now)))
  // concurrently, so that the second sample, which detects growth, is shared
  const [first, newest] = await Promise.all([
    classifyEach(must, ctx),
    classifyEach(recent.slice(0, maxOrphaned), ctx),
  ])
  const sessions = [...first]
  let left = maxOrphaned - first.filter((each) => each.process === null && isRecent(each, ctx.now)).length
  let batch = newest
  for (let from = maxOrphaned; left > 0 && batch.length > 0; from += maxOrphaned) {
    const orphaned = batch.filter((each) => each.state === "ORPHANED").slice(0, left)
    sessions.push(...orphaned)
    left -= orphaned.length
    batch = left > 0 ? await classifyEach(recent.slice(from, from + maxOrphaned), ctx) : []
  }
  return { sessions, notShown: found.length - sessions.length }
}

async function classifyEach(
  found: readonly FoundSession[],
  ctx: RunContext,
): Promise<readonly ClassifiedSession[]> {
  const classified: ClassifiedSession[] = []
  for (let from = 0; from < found.length; from += maxBatch) {
    if (from > 0) collectGarbage()
    const some = found.slice(from, from + maxBatch)
    classified.push(...(await Promise.all(some.map((each) => tryClassify(each, ctx)))))
  }
  return classified
}

/** The default selection of export: live, crashed within the last seven days, or about to be purged. */
export async function scanAtRisk(found: readonly FoundSession[], ctx: RunContext): Promise<Scan> {
  const wanted = found.filter(
    (each) => each.process !== null || isPurgeSoon(each, ctx.now) || isRecent(each, ctx.now),
  )
  const all = await classifyEach(wanted, ctx)
  const sessions = all.filter(
    (each) => each.process !== null || isPurgeSoon(each, ctx.now) || hasCrashed(each),
  )
  return { sessions, notShown: found.length - sessions.length }
}

const crashDetails = new Set([
  "crashed mid-turn",
  "crashed",
  "ended mid-turn",
  "written from elsewhere",
  "unreadable",
])

function hasCrashed(session: ClassifiedSession): boolean {
  return session.state === "ORPHANED" && crashDetails.has(session.detail)
}

function isRecent(found: FoundSession, now: number): boolean {
  return found.modifiedAt !== null && now - found.modifiedAt < recentDays * day
}

/** A session without a file on disk counts as last active when its process started. */
export function newestFirst<T extends FoundSession>(sessions: readonly T[]): readonly T[] {
  const activity = (each: T) =>
    ("lastActivity" in each ? (each.lastActivity as number | null) : null) ??
    each.modifiedAt ??
    each.process?.startedAt
  return sessions.toSorted((a, b) => (activity(b) ?? 0) - (activity(a) ?? 0))
}
