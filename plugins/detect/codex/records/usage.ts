import type { AnswerUsage, TranscriptRecord } from "session-rescue"
import { payloadOf, timeOf } from "./turn.ts"

type Fields = Readonly<Record<string, unknown>>

/** In every record that counts an answer; in a text its quotes would be escaped. */
export const usageMark = '"token_usage_record"'

/** One record an answer (0.171.0). The input includes what was read from the cache and written to it. */
export function readAnswerUsage(record: TranscriptRecord): AnswerUsage | null {
  if (record.type !== "token_usage_record") return null
  const { response_id: answer, usage } = payloadOf(record) as { response_id?: unknown; usage?: Fields }
  if (typeof answer !== "string" || typeof usage !== "object" || usage === null) return null
  const count = (key: string) => (typeof usage[key] === "number" ? (usage[key] as number) : 0)
  const [cacheRead, cacheWrite] = [count("cached_input_tokens"), count("cache_write_input_tokens")]
  return {
    answer,
    time: timeOf(record),
    model: null,
    cwd: null,
    input: Math.max(0, count("input_tokens") - cacheRead - cacheWrite),
    cacheWrite,
    cacheRead,
    output: count("output_tokens"),
  }
}
