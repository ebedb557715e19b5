/** What the records of a transcript say about the conversation. */
import type { TranscriptRecord } from "session-rescue"

/** A message of the main conversation, not of a subagent, and not the client's bookkeeping. */
export function isMessage(record: TranscriptRecord): boolean {
  return (record.type === "user" || record.type === "assistant") && record.isSidechain !== true
}

type Block = Readonly<Record<string, unknown>>

/** The parts of a message's content; a plain string counts as one text part. */
export function partsOf(record: TranscriptRecord): readonly Block[] {
  const content = (record.message as { content?: unknown } | undefined)?.content
  if (!Array.isArray(content)) return blockOf(content)
  const [only, another] = content
  return another === undefined ? blockOf(only) : content.flatMap(blockOf)
}

function blockOf(part: unknown): readonly Block[] {
  if (typeof part === "string") return [{ type: "text", text: part }]
  return typeof part === "object" && part !== null ? [part as Block] : []
}

export function textOf(record: TranscriptRecord): string {
  return partsOf(record)
    .map((part) => (part.type === "text" && typeof part.text === "string" ? part.text : ""))
    .join("")
    .trim()
}

/** A record's timestamp in milliseconds since 1970. */
export function timeOf(record: TranscriptRecord): number | null {
  const time = typeof record.timestamp === "string" ? Date.parse(record.timestamp) : Number.NaN
  return Number.isNaN(time) ? null : time
}
