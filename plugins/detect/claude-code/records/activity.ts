import type { Context, FootprintFile, FoundSession, Turn } from "session-rescue"
import type { TranscriptSlice } from "./records.ts"
import { lastConversationTime, newest, unansweredSince } from "./said.ts"
import { readSubagents, type Subagent } from "./subagents.ts"

/** Another machine's clock may be ahead by that much; what lies further in the future is not believed. */
const futureToleranceMs = 60_000

/** A process may show a moment later than it started. */
const startToleranceMs = 1_000

/** When the conversation last went on, in the main transcript or in a subagent's, and what was asked since. */
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
  // a copy that somebody made, or what another session keeps, says nothing of when this one went on
  const times = footprint.flatMap((file) => (file.tie === undefined ? file.modifiedAt : []))
  const written = newest(times, until) ?? newest([turn.lastRecordAt ?? Number.NaN], until) ?? ctx.now
  // a last line that cannot be read may have been said: then only the files' times are left
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

/** Those that may hold something newer, and of a session that runs all that were written since it started. */
function writtenSince({ process }: FoundSession, own: number | null): number {
  return Math.min((process?.startedAt ?? Number.POSITIVE_INFINITY) - startToleranceMs, own ?? 0)
}

/** Two agents that were asked for once each are no retry: each transcript counts for itself. */
function longest(lists: readonly (readonly number[])[]): readonly number[] {
  return lists.reduce((most, list) => (list.length > most.length ? list : most), [])
}

/** One that an earlier client left in the middle of its turn does nothing any more. */
function isAtWork({ phase, lastMessageAt }: Subagent, { process }: FoundSession): boolean {
  return (
    phase === "mid-turn" && process !== null && (lastMessageAt ?? 0) >= process.startedAt - startToleranceMs
  )
}

function atWork({ name, lastMessageAt, openCalls }: Subagent) {
  return { name, lastMessageAt, openCalls }
}
