import type { Context, FootprintFile, Turn } from "session-rescue"
import { partsOf, readTail, type TranscriptRecord } from "./records.ts"
import { callsWithoutResult } from "./turn.ts"

const most = 20

/** Open tool calls in the subagents' transcripts that were written since `since` (milliseconds since 1970). */
export function subagentCalls(
  ctx: Context,
  footprint: readonly FootprintFile[],
  since: number,
): Turn["openCalls"][number][] {
  return footprint
    .filter((file) => file.kind === "file" && file.modifiedAt >= since && isSubagent(file))
    .toSorted((a, b) => b.modifiedAt - a.modifiedAt)
    .slice(0, most)
    .flatMap((file) => {
      const { records } = readTail(ctx, file.path, file.size, (tail) => tail.records.some(speaks))
      return callsWithoutResult(records.filter(speaks))
    })
}

function isSubagent(file: FootprintFile): boolean {
  return typeof file.relative === "string" && /\/agent-[^/]*\.jsonl$/.test(file.relative)
}

function speaks(record: TranscriptRecord): boolean {
  return (record.type === "user" || record.type === "assistant") && partsOf(record).length > 0
}
