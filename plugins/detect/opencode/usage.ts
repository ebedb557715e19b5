import { type AnswerUsage, isRow, type RowLine, type TranscriptRecord, textOf } from "session-rescue"
import { type Fields, fields, number, parseData, text } from "./records.ts"

/** In the line of every answer. */
export const usageMark = '"tokens"'

/** One message an answer; the input is without what was read from the cache or written to it (1.18.33, observed). */
export function readAnswerUsage(record: TranscriptRecord): AnswerUsage | null {
  const line = record as unknown as RowLine
  if (!isRow(line)) return text(record.role) === null ? null : usageOf(text(record.id), record)
  if (line.table !== "message") return null
  const { data } = line.row
  const read =
    typeof data === "object" && data !== null && "json" in data ? fields(data.json) : parseData(data)
  return usageOf(textOf(line.row.id), read)
}

export function usageOf(answer: string | null, data: Fields): AnswerUsage | null {
  const tokens = fields(data.tokens)
  const [input, output] = [number(tokens.input), number(tokens.output)]
  if (answer === null || data.role !== "assistant" || input === null || output === null) return null
  const cache = fields(tokens.cache)
  return {
    answer,
    time: number(fields(data.time).created),
    model: text(data.modelID),
    cwd: text(fields(data.path).cwd),
    input,
    cacheWrite: number(cache.write) ?? 0,
    cacheRead: number(cache.read) ?? 0,
    output: output + (number(tokens.reasoning) ?? 0),
  }
}
