import type { Context, FootprintFile, FoundSession, Turn } from "session-rescue"
import type { Stretch } from "./records.ts"
import { askedSince, lastSaid, newest } from "./said.ts"
import { readSubagents, type Subagent } from "./subagents.ts"

/** Another machine's clock may be ahead by that much; what lies further in the future is not believed. */
const tolerance = 60_000

/** When the conversation last went on, in the main transcript or in a subagent's, and what was asked since. */
export function withActivity(
  ctx: Context,
  found: FoundSession,
  { turn, tail, footprint }: { turn: Turn; tail: Stretch; footprint: readonly FootprintFile[] },
): { readonly turn: Turn; readonly lastActivity: number | null; readonly clock: boolean } {
  const until = ctx.now + tolerance
  const own = lastSaid(tail.records, until)
  const agents = readSubagents(ctx, footprint, writtenSince(found, own), until)
  const said = newest([own, ...agents.map((agent) => agent.lastSaidAt)].flatMap((at) => at ?? []), until)
  const asked = [...askedSince(tail.records, said), ...agents.flatMap((agent) => agent.asked)]
  const times = footprint.map((file) => file.modifiedAt)
  const written = newest(times, until) ?? newest(turn.lastRecordAt === null ? [] : [turn.lastRecordAt], until)
  // a last line that cannot be read may have been said: then only the files' times are left
  const last = said === null || tail.blindEnd ? (written ?? ctx.now) : said
  return {
    turn: {
      ...turn,
      lastSaidAt: said,
      asked: asked.filter((at) => at > (said ?? 0)).toSorted((a, b) => a - b),
      agents: agents.filter((agent) => isAtWork(agent, found)).map(atWork),
    },
    lastActivity: footprint.length === 0 ? null : Math.min(ctx.now, Math.max(last, said ?? 0)),
    clock: times.some((at) => at > until) || (turn.lastRecordAt ?? 0) > until,
  }
}

/** Those that may hold something newer, and of a session that runs all that were written since it started. */
function writtenSince({ process }: FoundSession, own: number | null): number {
  return Math.min(process?.startedAt ?? Number.POSITIVE_INFINITY, own ?? 0)
}

/** One that an earlier client left in the middle of its turn does nothing any more. */
function isAtWork({ phase, lastSaidAt }: Subagent, { process }: FoundSession): boolean {
  return phase === "mid-turn" && process !== null && (lastSaidAt ?? 0) >= process.startedAt
}

function atWork({ name, lastSaidAt, openCalls }: Subagent) {
  return { name, lastSaidAt, openCalls }
}
