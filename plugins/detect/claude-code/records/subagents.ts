import type { Context, FootprintFile, SubagentTurn } from "session-rescue"
import { partsOf, readTail, type Stretch, type TranscriptRecord } from "./records.ts"
import { askedSince, lastSaid } from "./said.ts"
import { holdsLastStep, readTurn } from "./turn.ts"

const most = 20
/** The last records of most are short; the window grows where they are not. */
const firstWindow = 8 * 1024

/** What the end of a subagent's own transcript says. */
export interface Subagent extends SubagentTurn {
  readonly phase: "ended" | "mid-turn" | "unknown"
  readonly asked: readonly number[]
}

/** The subagents whose transcripts were written since `since` (milliseconds since 1970), the newest of them. */
export function readSubagents(
  ctx: Context,
  footprint: readonly FootprintFile[],
  since: number,
  until: number,
): readonly Subagent[] {
  return footprint
    .filter((file) => file.kind === "file" && file.modifiedAt >= since && nameOf(file) !== null)
    .toSorted((a, b) => b.modifiedAt - a.modifiedAt)
    .slice(0, most)
    .map((file) => readSubagent(ctx, file, until))
}

function readSubagent(ctx: Context, file: FootprintFile, until: number): Subagent {
  const enough = (tail: Stretch) => holdsLastStep(tail.records, speaks)
  const { records } = readTail(ctx, file.path, file.size, enough, firstWindow)
  const { phase, openCalls } = readTurn(records, speaks)
  const lastMessageAt = lastSaid(records, until)
  const asked = askedSince(records, lastMessageAt)
  return { name: nameOf(file) ?? "", lastMessageAt, openCalls, phase, asked }
}

function nameOf({ relative }: FootprintFile): string | null {
  return typeof relative === "string" ? (/\/agent-([^/]*)\.jsonl$/.exec(relative)?.[1] ?? null) : null
}

function speaks(record: TranscriptRecord): boolean {
  return (record.type === "user" || record.type === "assistant") && partsOf(record).length > 0
}
