import type { Part, RecordParts } from "session-rescue"
import type { TranscriptRecord } from "../records/records.ts"
import { toLine } from "../records/title.ts"

/**
 * What one record says of the session's title, by the ranks that `readTitle` gives. Names are written again at every end
 * of a session and when it goes on (observed, 2.1.332).
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
    default: // 2.1.332 keeps the name in a file of its own, too: custom-title.json
      return record.type === undefined ? titled(toLine(record.customTitle), 4) : null
  }
}

/** The name as something that was said: by a person, or by the model. */
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
