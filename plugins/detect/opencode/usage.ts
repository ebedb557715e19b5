import {
  type AnswerUsage,
  type Fields,
  fieldsOf,
  isRow,
  numberIn,
  type RowLine,
  type TranscriptRecord,
  textIn,
  textOf,
} from "session-rescue"
import { parseData } from "./records.ts"

/** In the line of every answer. */
export const usageMark = '"tokens"'

/** One message an answer; the input is without what was read from the cache or written to it (1.18.33, observed). */
export function readAnswerUsage(record: TranscriptRecord): AnswerUsage | null {
  const line = record as unknown as RowLine
  if (!isRow(line)) return textIn(record.role) === null ? null : usageOf(textIn(record.id), record)
  if (line.table !== "message") return null
  const { data } = line.row
  const read =
    typeof data === "object" && data !== null && "json" in data ? fieldsOf(data.json) : parseData(data)
  return usageOf(textOf(line.row.id), read)
}

export function usageOf(answer: string | null, data: Fields): AnswerUsage | null {
  const tokens = fieldsOf(data.tokens)
  const [input, output] = [numberIn(tokens.input), numberIn(tokens.output)]
  if (answer === null || data.role !== "assistant" || input === null || output === null) return null
  const cache = fieldsOf(tokens.cache)
  return {
    answer,
    time: numberIn(fieldsOf(data.time).created),
    model: textIn(data.modelID),
    cwd: textIn(fieldsOf(data.path).cwd),
    input,
    cacheWrite: numberIn(cache.write) ?? 0,
    cacheRead: numberIn(cache.read) ?? 0,
    output: output + (numberIn(tokens.reasoning) ?? 0),
  }
}
