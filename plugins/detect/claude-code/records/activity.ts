import {
  type Context,
  type FootprintFile,
  type FoundSession,
  futureToleranceMs,
  type Turn,
} from "session-rescue"
import { newest } from "./last-message.ts"
import { readSubagents, type Subagent } from "./subagents.ts"

/** What the end of the main transcript tells of it. */
export interface OwnActivity {
  /** The newest time of a conversation record. */
  readonly saidAt: number | null
  /** Times of the requests to the model since then. */
  readonly unanswered: readonly number[]
  readonly unreadableEnd: boolean
}

/** A process may appear slightly later than it started. */
const startToleranceMs = 1_000

/**
 * Adds the time of the last activity, in the main transcript or a subagent's, and the requests since then.
 */
export function withActivity(
  ctx: Context,
  found: FoundSession,
  { turn, own, footprint }: { turn: Turn; own: OwnActivity; footprint: readonly FootprintFile[] },
): { readonly turn: Turn; readonly lastActivity: number | null; readonly clock: boolean } {
  const until = ctx.now + futureToleranceMs
  const agents = readSubagents(ctx, footprint, writtenSince(found, own.saidAt), until)
  const said = newest(
    [own.saidAt, ...agents.map((agent) => agent.lastMessageAt)].flatMap((at) => at ?? []),
    until,
  )
  // copies, and files kept by another session, say nothing about this session's activity
  const times = footprint.flatMap((file) => (file.tie === undefined ? file.modifiedAt : []))
  const written = newest(times, until) ?? newest([turn.lastRecordAt ?? Number.NaN], until) ?? ctx.now
  // an unreadable last line may be conversation: then only the file times are known
  const last = said === null ? written : own.unreadableEnd ? Math.max(written, said) : said
  return {
    turn: {
      ...turn,
      lastMessageAt: said,
      unansweredRequests: longest([own.unanswered, ...agents.map((agent) => agent.unansweredRequests)]),
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
