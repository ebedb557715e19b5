import type { Context, FootprintFile, FoundSession, TranscriptSlice, Turn } from "session-rescue"
import { lastConversationTime, newest, unansweredSince } from "./last-message.ts"
import { readSubagents, type Subagent } from "./subagents.ts"

/** Clock difference allowed for another machine; later times are ignored. */
const futureToleranceMs = 60_000

/** A process may appear slightly later than it started. */
const startToleranceMs = 1_000

/**
 * Adds the time of the last activity, in the main transcript or a subagent's, and the requests since then.
 */
export function withActivity(
  ctx: Context,
  found: FoundSession,
  { turn, tail, footprint }: { turn: Turn; tail: TranscriptSlice; footprint: readonly FootprintFile[] },
): { readonly turn: Turn; readonly lastActivity: number | null; readonly clock: boolean } {
  const until = ctx.now + futureToleranceMs
  const own = lastConversationTime(tail.records, until)
  const agents = readSubagents(ctx, footprint, writtenSince(found, own), until)
  const said = newest(
    [own, ...agents.map((agent) => agent.lastMessageAt)].flatMap((at) => at ?? []),
    until,
  )
  // copies, and files kept by another session, say nothing about this session's activity
  const times = footprint.flatMap((file) => (file.tie === undefined ? file.modifiedAt : []))
  const written = newest(times, until) ?? newest([turn.lastRecordAt ?? Number.NaN], until) ?? ctx.now
  // an unreadable last line may be conversation: then only the file times are known
  const last = said === null ? written : tail.unreadableEnd ? Math.max(written, said) : said
  return {
    turn: {
      ...turn,
      lastMessageAt: said,
      unansweredRequests: longest([
        unansweredSince(tail.records, own),
        ...agents.map((agent) => agent.unansweredRequests),
      ]),
      subagents: agents.filter((agent) => isAtWork(agent, found)).map(atWork),
    },
    lastActivity: footprint.length === 0 ? null : Math.min(ctx.now, last),
    clock: times.some((at) => at > until) || (turn.lastRecordAt ?? 0) > until,
  }
}

/** Subagents that may have something newer; for a running session, all written since it started. */
function writtenSince({ process }: FoundSession, own: number | null): number {
  return Math.min((process?.startedAt ?? Number.POSITIVE_INFINITY) - startToleranceMs, own ?? 0)
}

/** Two agents with one request each are not a retry: each transcript is counted separately. */
function longest(lists: readonly (readonly number[])[]): readonly number[] {
  return lists.reduce((most, list) => (list.length > most.length ? list : most), [])
}

/** A subagent that an earlier client left in mid-turn is no longer working. */
function isAtWork({ phase, lastMessageAt }: Subagent, { process }: FoundSession): boolean {
  return (
    phase === "mid-turn" && process !== null && (lastMessageAt ?? 0) >= process.startedAt - startToleranceMs
  )
}

function atWork({ name, lastMessageAt, openCalls }: Subagent) {
  return { name, lastMessageAt, openCalls }
}
