/** Sessions with all that a list shows of them, in the order of what they need. */
import { type Need, needOf, needs } from "../../domain/listing/need.ts"
import type { LivePlace } from "../../domain/listing/place.ts"
import { isFullySaved, type SavedMark } from "../../domain/listing/saved-mark.ts"
import { pidAtTerminal } from "../../domain/session/live-process.ts"
import { activityTime, type FoundSession } from "../../domain/session/session.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { savedMark } from "../copies/saved-mark.ts"
import { choosesAmongAll, type Narrowing, type NarrowingFacts, narrowSessions } from "../narrowing.ts"
import { withResourceUsage } from "../resource-usage.ts"
import type { RunContext } from "../run-context.ts"
import { newestRelevant, scanAll } from "../scan.ts"
import { DismissedAlarms } from "./dismissed.ts"
import { placesOf } from "./places.ts"

export interface ListedSession {
  readonly session: ClassifiedSession
  readonly need: Need
  readonly saved: SavedMark
  /** null without a process. */
  readonly place: LivePlace | null
}

export interface SessionList {
  /** Most urgent first; within one need, the most recently active first. */
  readonly listed: readonly ListedSession[]
  /** Number of sessions too old to be read. */
  readonly notRead: number
}

export interface ListOptions {
  /** However many there are; else those that `newestRelevant` chooses. */
  readonly all: boolean
  /** Without evidence and files, which of a hundred thousand sessions take most of the memory. */
  readonly brief?: boolean | undefined
}

export async function listSessions(
  found: readonly FoundSession[],
  ctx: RunContext,
  { all, brief = false }: ListOptions,
): Promise<SessionList> {
  const chosen = all ? found : newestRelevant(found, ctx.now)
  const notRead = found.length - chosen.length
  if (!brief) {
    const { sessions } = await scanAll(chosen, ctx)
    return { listed: await withNeeds(sessions, ctx), notRead }
  }
  const marks = new Map<ClassifiedSession, SavedMark>()
  const { sessions } = await scanAll(chosen, ctx, (session) => {
    if (session.process !== null) return session
    const mark = savedMark(session, ctx)
    const short = withoutDetails(session)
    marks.set(short, mark)
    return short
  })
  const markOf = (session: ClassifiedSession) => marks.get(session) ?? savedMark(session, ctx)
  return { listed: await withNeeds(sessions, ctx, markOf), notRead }
}

function withoutDetails(session: ClassifiedSession): ClassifiedSession {
  return { ...session, footprint: none, evidence: none, identity: none, filing: null, transcriptStat: null }
}

const none: readonly never[] = []

export interface NarrowedList extends SessionList {
  /** Sessions that match, and that `--limit` does not show. */
  readonly leftOff: number
}

const nothingSaved: SavedMark = { kind: "none", at: null }

/** Those of the list that a narrowing asks for; its limit takes the most urgent ones. */
export async function listNarrowed(
  found: readonly FoundSession[],
  narrowing: Narrowing,
  ctx: RunContext,
  { all, brief }: ListOptions,
): Promise<NarrowedList> {
  const isAll = all || choosesAmongAll(narrowing)
  const { listed, notRead } = await listSessions(found, ctx, { all: isAll, brief })
  return { ...narrowListed(listed, narrowing), notRead }
}

/** Those that match, in their order, up to the limit. */
export function narrowListed(
  listed: readonly ListedSession[],
  narrowing: Narrowing,
): Omit<NarrowedList, "notRead"> {
  const { agent, limit } = narrowing
  if (agent === null && limit === null && !choosesAmongAll(narrowing)) return { listed, leftOff: 0 }
  const known = new Map(listed.map((each) => [each.session, each]))
  const facts: NarrowingFacts = {
    isSaved: (session) => isFullySaved(known.get(session)?.saved ?? nothingSaved),
    needOf: (session) => known.get(session)?.need ?? "closed",
  }
  const { sessions } = narrowSessions([...known.keys()], { ...narrowing, limit: null }, facts)
  const matching = new Set(sessions)
  const shown = listed.filter(({ session }) => matching.has(session))
  const limited = shown.slice(0, narrowing.limit ?? shown.length)
  return { listed: limited, leftOff: shown.length - limited.length }
}

/** Adds need, copy, place and resource usage, and sorts. `markOf` may know a copy from an earlier look. */
export async function withNeeds(
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
  markOf: (session: ClassifiedSession) => SavedMark = (session) => savedMark(session, ctx),
  places: Promise<ReadonlyMap<number, LivePlace>> = placesOf(sessions, ctx),
): Promise<readonly ListedSession[]> {
  const dismissed = DismissedAlarms.read(ctx.paths.data, ctx.files)
  const [measured, placeOf] = await Promise.all([withResourceUsage(sessions, ctx), places])
  const listed = measured.map((session) => {
    const saved = markOf(session)
    const need = needOf(session, { saved: isFullySaved(saved), dismissed: dismissed.has(session) })
    return {
      session,
      need,
      saved,
      place: session.process === null ? null : (placeOf.get(pidAtTerminal(session.process)) ?? null),
    }
  })
  return mostUrgentFirst(listed)
}

function mostUrgentFirst(listed: readonly ListedSession[]): readonly ListedSession[] {
  const rank = new Map(needs.map((need, index) => [need, index]))
  const ranks = Uint8Array.from(listed, ({ need }) => rank.get(need) ?? 0)
  const times = Float64Array.from(listed, ({ session }) => activityTime(session))
  const order = Uint32Array.from(listed.keys())
  order.sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || (times[b] ?? 0) - (times[a] ?? 0) || a - b)
  return Array.from(order, (index) => listed[index] as ListedSession)
}
