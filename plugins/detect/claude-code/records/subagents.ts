import {
  type Context,
  type FootprintFile,
  readTail,
  type SubagentTurn,
  type TranscriptRecord,
  type TranscriptSlice,
} from "session-rescue"
import { lastConversationTime, unansweredSince } from "./last-message.ts"
import { partsOf } from "./records.ts"
import { holdsLastStep, readTurn } from "./turn.ts"

const maxSubagents = 20
/** The last records are usually short; the window grows when they are not. */
const firstWindowBytes = 8 * 1024

/** The state at the end of a subagent's own transcript. */
export interface Subagent extends SubagentTurn {
  readonly phase: "ended" | "mid-turn" | "unknown"
  readonly unansweredRequests: readonly number[]
}

/** The newest subagents whose transcripts were written since `since` (milliseconds since 1970). */
export function readSubagents(
  ctx: Context,
  footprint: readonly FootprintFile[],
  since: number,
  until: number,
): readonly Subagent[] {
  return footprint
    .filter((file) => file.kind === "file" && file.modifiedAt >= since && nameOf(file) !== null)
    .toSorted((a, b) => b.modifiedAt - a.modifiedAt)
    .slice(0, maxSubagents)
    .map((file) => readSubagent(ctx, file, until))
}

function readSubagent(ctx: Context, file: FootprintFile, until: number): Subagent {
  const enough = (tail: TranscriptSlice) => holdsLastStep(tail.records, speaks)
  const { records } = readTail(ctx, file.path, file.size, enough, firstWindowBytes)
  const { phase, openCalls } = readTurn(records, speaks)
  const lastMessageAt = lastConversationTime(records, until)
  const unansweredRequests = unansweredSince(records, lastMessageAt)
  return { name: nameOf(file) ?? "", lastMessageAt, openCalls, phase, unansweredRequests }
}

function nameOf({ relative }: FootprintFile): string | null {
  return typeof relative === "string" ? (/\/agent-([^/]*)\.jsonl$/.exec(relative)?.[1] ?? null) : null
}

function speaks(record: TranscriptRecord): boolean {
  return (record.type === "user" || record.type === "assistant") && partsOf(record).length > 0
}
