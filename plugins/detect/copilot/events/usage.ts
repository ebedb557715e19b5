import { type AnswerUsage, fieldsOf, numberIn, type TranscriptRecord, textIn } from "session-rescue"
import { dataOf, timeOf } from "./events.ts"

/** In every record that counts an answer; in a text its quotes would be escaped. */
export const usageMark = '"session.usage_record"'

/** One event a request to a model, subagents' and those of a compaction too; the input includes the cache (1.0.102, observed). */
export function readAnswerUsage(event: TranscriptRecord): AnswerUsage | null {
  if (event.type !== "session.usage_record") return null
  const usage = fieldsOf(dataOf(event).usage)
  const count = (key: string) => numberIn(usage[key]) ?? 0
  const [cacheRead, cacheWrite] = [count("cacheReadTokens"), count("cacheWriteTokens")]
  return {
    answer: textIn(event.id) ?? "",
    time: timeOf(event),
    model: textIn(usage.model),
    cwd: null,
    input: Math.max(0, count("inputTokens") - cacheRead - cacheWrite),
    cacheWrite,
    cacheRead,
    output: count("outputTokens"),
  }
}
