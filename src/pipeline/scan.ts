/** The pipeline: finds, classifies, exports and archives sessions with the plugins of a run. */
import { day } from "../domain/duration.ts"
import { hasCrashed, runsElsewhere } from "../domain/listing/need.ts"
import { isPurgeSoon } from "../domain/session/flags.ts"
import { activityTime, type FoundSession } from "../domain/session/session.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import { collectGarbage } from "../system/runtime/gc.ts"
import { tryClassify } from "./classify.ts"
import { isSavedUnchanged } from "./copies/saved-mark.ts"
import type { RunContext } from "./run-context.ts"

const recentDays = 7
/** Collect garbage after this many: what was parsed of transcripts adds up. */
const collectEvery = 5000
const maxBatch = 1000

export interface Scan {
  readonly sessions: readonly ClassifiedSession[]
  /** Number of sessions that were found but not read, because they are old or archived. */
  readonly notShown: number
}

/** Reads and classifies all found sessions. `keep`: what is kept of each, when there are many. */
export async function scanAll(
  found: readonly FoundSession[],
  ctx: RunContext,
  keep = keepAll,
): Promise<Scan> {
  return { sessions: await classifyEach(found, ctx, keep), notShown: 0 }
}

function keepAll(session: ClassifiedSession): ClassifiedSession {
  return session
}

async function classifyEach(
  found: readonly FoundSession[],
  ctx: RunContext,
  keep = keepAll,
): Promise<readonly ClassifiedSession[]> {
  const classified: ClassifiedSession[] = []
  for (let from = 0; from < found.length; from += maxBatch) {
    if (from > 0 && from % collectEvery === 0) collectGarbage()
    const some = found.slice(from, from + maxBatch)
    await ctx.knownFacts?.prepare(some, found.length)
    for (const session of await Promise.all(some.map((each) => tryClassify(each, ctx))))
      classified.push(keep(session))
  }
  return classified
}

/**
 * The default selection of export: live, here or elsewhere, crashed or cut off, or about to be purged. What crashed more than seven days ago
 * and is saved as it is now is not compared again.
 */
export async function scanAtRisk(found: readonly FoundSession[], ctx: RunContext): Promise<Scan> {
  const all = await classifyEach(newestRelevant(found, ctx.now), ctx)
  const sessions = all.filter(
    (each) =>
      each.process !== null ||
      runsElsewhere(each) ||
      isPurgeSoon(each, ctx.now) ||
      (hasCrashed(each) && (isRecent(each, ctx.now) || !isSavedUnchanged(each, ctx))),
  )
  return { sessions, notShown: found.length - sessions.length }
}

/** The sessions that are read without `--all`: a few seconds of work. */
const maxRead = 10_000

/**
 * Every live session, every one that is about to be deleted, and the newest others: whether a session crashed is in
 * its records, so its age says nothing.
 */
export function newestRelevant(found: readonly FoundSession[], now: number): readonly FoundSession[] {
  if (found.length <= maxRead) return found
  const must = new Set(found.filter((each) => each.process !== null || isPurgeSoon(each, now)))
  const others = newestFirst(found.filter((each) => !must.has(each)))
  return [...must, ...others.slice(0, Math.max(0, maxRead - must.size))]
}

function isRecent(found: FoundSession, now: number): boolean {
  return found.modifiedAt !== null && now - found.modifiedAt < recentDays * day
}

export function newestFirst<T extends FoundSession>(sessions: readonly T[]): readonly T[] {
  return sessions.toSorted((a, b) => activityTime(b) - activityTime(a))
}
