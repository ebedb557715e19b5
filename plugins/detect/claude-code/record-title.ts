import type { RecordParts } from "session-rescue"
import { isMessage, type TranscriptRecord } from "./records.ts"
import { firstPrompt, line } from "./title.ts"

/** What one record says of the session's title, by the ranks that `readTitle` gives. */
export function recordTitle(record: TranscriptRecord): RecordParts["title"] {
  switch (record.type) {
    case "custom-title":
      return titled(line(record.customTitle), 3)
    case "ai-title":
      return titled(line(record.aiTitle), 2)
    case "summary":
      return titled(line(record.summary), 1)
    case "user":
      return isMessage(record) && record.isCompactSummary !== true ? titled(firstPrompt([record]), 0) : null
    default:
      return null
  }
}

function titled(text: string | null, rank: number): RecordParts["title"] {
  return text === null ? null : { text, rank }
}
