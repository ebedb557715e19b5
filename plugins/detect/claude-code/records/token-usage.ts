import type { AnswerUsage, TokenCounts, TranscriptRecord } from "session-rescue"
import { numberIn, objectOf, textIn } from "../home/json.ts"
import { timeOf } from "./records.ts"

/** In every record with token usage; in a text its quotes would be escaped. */
export const usageMark = '"usage"'

/** The model name of what the client writes in place of an answer. */
export const noModel = "<synthetic>"

/**
 * The usage of an answer of the model, also a subagent's. The client writes each part of an answer as a record of its
 * own, with the count at that time and the same ids (2.1.332, observed); resumed and forked sessions have copies.
 */
export function readAnswerUsage(record: TranscriptRecord): AnswerUsage | null {
  const message = record.type === "assistant" ? objectOf(record.message) : null
  const usage = objectOf(message?.usage)
  const model = textIn(message?.model)
  if (usage === null || model === noModel) return null
  const answer = textIn(message?.id) ?? textIn(record.uuid)
  if (answer === null) return null
  const request = textIn(record.requestId) ?? ""
  return {
    ...tokenCounts(usage),
    answer: `${answer} ${request}`,
    time: timeOf(record),
    model,
    cwd: textIn(record.cwd),
  }
}

export function tokenCounts(usage: Readonly<Record<string, unknown>>): TokenCounts {
  const count = (key: string) => Math.max(0, numberIn(usage[key]) ?? 0)
  return {
    input: count("input_tokens"),
    cacheWrite: count("cache_creation_input_tokens"),
    cacheRead: count("cache_read_input_tokens"),
    output: count("output_tokens"),
  }
}
