import { day } from "../domain/duration.ts"
import { isPurgeSoon } from "../domain/session/flags.ts"
import type { FoundSession } from "../domain/session/session.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import { collectGarbage } from "../system/runtime/gc.ts"
import { classifyAnyway } from "./classify.ts"
import type { RunContext } from "./run-context.ts"

const recentDays = 7
const newestOrphaned = 10
/** What the beginnings and ends of so many transcripts leave behind is let go of before the next are read. */
const mostAtOnce = 1000

export interface Survey {
  readonly sessions: readonly ClassifiedSession[]
  /** Found, but old or archived, and therefore not read. */
  readonly notShown: number
}

/** Everything found, read and classified. */
export async function surveyAll(found: readonly FoundSession[], ctx: RunContext): Promise<Survey> {
  return { sessions: await classifyEach(found, ctx), notShown: 0 }
}

/**
 * What a person must see: every live session, every one about to be purged, and the newest ten orphaned ones of
 * the last seven days. The rest is counted without being read.
 */
export async function surveyImportant(found: readonly FoundSession[], ctx: RunContext): Promise<Survey> {
  const must = found.filter((each) => each.process !== null || isPurgeSoon(each, ctx.now))
  const taken = new Set(must) // both may be tens of thousands
  const recent = newestFirst(found.filter((each) => !taken.has(each) && isRecent(each, ctx.now)))
  // at once: the second look, which shows what grows, is taken together
  const [first, newest] = await Promise.all([
    classifyEach(must, ctx),
    classifyEach(recent.slice(0, newestOrphaned), ctx),
  ])
  const sessions = [...first]
  let room = newestOrphaned - first.filter((each) => each.process === null && isRecent(each, ctx.now)).length
  let batch = newest
  for (let from = newestOrphaned; room > 0 && batch.length > 0; from += newestOrphaned) {
    const orphaned = batch.filter((each) => each.state === "ORPHANED").slice(0, room)
    sessions.push(...orphaned)
    room -= orphaned.length
    batch = room > 0 ? await classifyEach(recent.slice(from, from + newestOrphaned), ctx) : []
  }
  return { sessions, notShown: found.length - sessions.length }
}

async function classifyEach(
  found: readonly FoundSession[],
  ctx: RunContext,
): Promise<readonly ClassifiedSession[]> {
  const classified: ClassifiedSession[] = []
  for (let from = 0; from < found.length; from += mostAtOnce) {
    if (from > 0) collectGarbage()
    const some = found.slice(from, from + mostAtOnce)
    classified.push(...(await Promise.all(some.map((each) => classifyAnyway(each, ctx)))))
  }
  return classified
}

/** What an export without a name saves: live, crashed within the last seven days, or about to be purged. */
export async function surveyEndangered(found: readonly FoundSession[], ctx: RunContext): Promise<Survey> {
  const wanted = found.filter(
    (each) => each.process !== null || isPurgeSoon(each, ctx.now) || isRecent(each, ctx.now),
  )
  const all = await classifyEach(wanted, ctx)
  const sessions = all.filter(
    (each) => each.process !== null || isPurgeSoon(each, ctx.now) || hasCrashed(each),
  )
  return { sessions, notShown: found.length - sessions.length }
}

const endedBadly = new Set([
  "crashed mid-turn",
  "crashed",
  "ended mid-turn",
  "written from elsewhere",
  "unreadable",
])

function hasCrashed(session: ClassifiedSession): boolean {
  return session.state === "ORPHANED" && endedBadly.has(session.detail)
}

function isRecent(found: FoundSession, now: number): boolean {
  return found.modifiedAt !== null && now - found.modifiedAt < recentDays * day
}

/** One that has nothing on disk yet was last active when it started. */
export function newestFirst<T extends FoundSession>(sessions: readonly T[]): readonly T[] {
  const activity = (each: T) =>
    ("lastActivity" in each ? (each.lastActivity as number | null) : null) ??
    each.modifiedAt ??
    each.process?.startedAt
  return sessions.toSorted((a, b) => (activity(b) ?? 0) - (activity(a) ?? 0))
}
