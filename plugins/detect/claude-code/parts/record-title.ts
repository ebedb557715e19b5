import type { Part, RecordParts, TranscriptRecord } from "session-rescue"
import { toLine } from "../records/title.ts"

/**
 * The title in one record, ranked as in `readTitle`. Names are written again at every exit of a session and
 * when it continues (observed, 2.1.332).
 */
export function recordTitle(record: TranscriptRecord): RecordParts["title"] {
  switch (record.type) {
    case "custom-title":
      return titled(toLine(record.customTitle), 4)
    case "agent-name":
      return titled(toLine(record.agentName), 3)
    case "ai-title":
      return titled(toLine(record.aiTitle), 2)
    case "summary":
      return titled(toLine(record.summary), 1)
    default: // 2.1.332 also keeps the name in a file of its own: custom-title.json
      return record.type === undefined ? titled(toLine(record.customTitle), 4) : null
  }
}

/** The name as a message part, by the user or the model. */
export function namePart(record: TranscriptRecord): Part | null {
  const title = recordTitle(record)
  if (title !== null && record.type === "summary")
    return { kind: "summary", role: "assistant", text: `${record.summary}` }
  if (title !== null)
    return { kind: "title", role: record.type === "ai-title" ? "assistant" : "user", text: title.text }
  const tag = record.type === "tag" ? toLine(record.tag) : null
  return tag === null ? null : { kind: "title", role: "user", text: tag }
}

function titled(text: string | null, rank: number): RecordParts["title"] {
  return text === null ? null : { text, rank }
}
