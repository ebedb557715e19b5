import type { OpenCall, TranscriptRecord } from "session-rescue"
import { toolCallText } from "./call-text.ts"
import { partsOf, timeOf } from "./records.ts"

/** Open calls since the user's last prompt: an older call without a result was interrupted. */
export function callsWithoutResult(messages: readonly TranscriptRecord[]): readonly OpenCall[] {
  const prompt = messages.findLastIndex((message) => {
    return message.type === "user" && message.isMeta !== true && !partsOf(message).some(isResult)
  })
  const since = messages.slice(prompt + 1)
  const answered = new Set(since.flatMap((message) => partsOf(message).map((part) => part.tool_use_id)))
  return since.flatMap((message) =>
    message.type !== "assistant"
      ? []
      : partsOf(message)
          .filter((part) => part.type === "tool_use" && !answered.has(part.id))
          .map((part) => ({
            tool: String(part.name),
            at: timeOf(message),
            summary: summarizeCall(String(part.name), part.input),
          })),
  )
}

function isResult(part: Readonly<Record<string, unknown>>): boolean {
  return part.type === "tool_result"
}

const maxSummaryLength = 80

/**
 * Summarizes a call in one short line: the first line of a command, a file, or else the first words of its
 * input.
 */
function summarizeCall(tool: string, input: unknown): string | null {
  const { command, files, text } = toolCallText(tool, input)
  const [line = ""] = (command ?? files?.[0] ?? text).trim().split(/[\r\n]/, 1)
  const words = line.replace(/\s+/g, " ").trim()
  return words === "" ? null : cut(words)
}

/** Made when the first long line is cut: that takes some milliseconds, which most commands do not need. */
let segmenter: Intl.Segmenter | null = null

/** Cuts only between grapheme clusters. */
function cut(line: string): string {
  if (line.length <= maxSummaryLength) return line
  const start = line.slice(0, 8 * maxSummaryLength)
  segmenter ??= new Intl.Segmenter()
  const letters = [...segmenter.segment(start)].map(({ segment }) => segment)
  return letters.length <= maxSummaryLength && start === line
    ? line
    : `${letters.slice(0, maxSummaryLength - 1).join("")}…`
}
