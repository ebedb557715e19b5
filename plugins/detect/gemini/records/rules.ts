/** What Gemini CLI makes of the lines of a chat: each that it cannot parse is skipped (0.61.0, its public source). */
import {
  fieldsOf,
  type JsonRecord,
  type SessionIdentity,
  type SpokenWords,
  sha256Of,
  type TranscriptRecordFacts,
  type TranscriptRules,
  timeIn,
} from "session-rescue"
import { isMessage, isSaid } from "./talk.ts"

export const transcriptRules: TranscriptRules = {
  agent: "gemini",
  isChained: false,
  needsUtf8: "nothing",
  parentKey: "",
  idKey: "",
  isRecord: (value) => isHead(value) || isChange(value) || (isMessage(value) && "timestamp" in value),
  reading: () => ({
    ...{ bridges: true, readsGlued: false, replacesHalves: true, dropsUnpaired: true, stopsAtBroken: false },
    ...{ readsNull: true, endsLastLine: false, handles: () => false },
  }),
  isHead,
  facts,
  refusedParts: () => [],
  renamed: (value, id) => (isHead(value) ? [{ path: ["sessionId"], value: id }] : []),
  lostHead,
  spoken,
  keptPlace: /tmp\/[^/]+\/chats\/(?:[^/]+\/)?[^/]+\.jsonl$/,
  recoveredPlace: (id) => `tmp/recovered/chats/session-${id.slice(0, 8)}.jsonl`,
  lostResult: unpaired,
  lostCall: unpaired,
}

/** Without both, the client takes a file for empty: it does not list it, and deletes it. */
function isHead(value: JsonRecord): boolean {
  return typeof value.sessionId === "string" && typeof value.projectHash === "string"
}

function isChange(value: JsonRecord): boolean {
  return typeof value.$rewindTo === "string" || Object.keys(fieldsOf(value.$set)).length > 0
}

function facts(value: JsonRecord): TranscriptRecordFacts {
  const isSpoken = isMessage(value) && isSaid(value)
  return {
    // a message is written again under its id when more of it is known: the last one counts
    ...{ id: null, parent: undefined, leaf: null, group: null, calls: [], results: [], version: null },
    speaker: isSpoken ? (value.type === "user" ? "user" : "assistant") : null,
    chain: "",
    time: timeIn(value.timestamp) ?? timeIn(value.startTime),
    isCompaction: Array.isArray(fieldsOf(value.$set).messages),
  }
}

function lostHead({ timestamp }: JsonRecord, { id, cwd }: SessionIdentity): JsonRecord {
  const projectHash = sha256Of(cwd ?? "")
  return { sessionId: id, projectHash, startTime: timestamp, lastUpdated: timestamp, kind: "main" }
}

function spoken({ id, role, text, time }: SpokenWords): JsonRecord {
  const type = role === "user" ? "user" : "gemini"
  return { id, timestamp: new Date(time).toISOString(), type, content: [{ text }] }
}

function unpaired(): JsonRecord {
  throw new Error("Gemini keeps a call and its result in one record")
}
