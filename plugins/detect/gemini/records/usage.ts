import { type AnswerUsage, fieldsOf, type TranscriptRecord, timeIn } from "session-rescue"
import { isMessage } from "./talk.ts"

/** In every record that counts an answer; in a text its quotes would be escaped. */
export const usageMark = '"tokens":{'

/** The last record of an answer counts: it is written again when its tools are through. The input includes the cache. */
export function readAnswerUsage(record: TranscriptRecord): AnswerUsage | null {
  const { id, type, timestamp, model } = record
  if (!isMessage(record) || type !== "gemini" || typeof record.tokens !== "object") return null
  const tokens = fieldsOf(record.tokens)
  const count = (key: string) => (typeof tokens[key] === "number" ? (tokens[key] as number) : 0)
  if (count("total") + count("input") + count("output") === 0) return null
  return {
    answer: `${id}`,
    time: timeIn(timestamp),
    model: typeof model === "string" ? model : null,
    cwd: null,
    input: Math.max(0, count("input") - count("cached")) + count("tool"),
    cacheWrite: 0,
    cacheRead: count("cached"),
    output: count("output") + count("thoughts"),
  }
}
