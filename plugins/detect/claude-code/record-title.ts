import type { RecordParts } from "session-rescue"
import type { TranscriptRecord } from "./records.ts"
import { line } from "./title.ts"

/** What one record says of the session's title, by the ranks that `readTitle` gives. */
export function recordTitle(record: TranscriptRecord): RecordParts["title"] {
  switch (record.type) {
    case "custom-title":
      return titled(line(record.customTitle), 3)
    case "ai-title":
      return titled(line(record.aiTitle), 2)
    case "summary":
      return titled(line(record.summary), 1)
    default:
      return null
  }
}

function titled(text: string | null, rank: number): RecordParts["title"] {
  return text === null ? null : { text, rank }
}
