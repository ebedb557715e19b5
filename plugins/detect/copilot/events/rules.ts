/** What Copilot makes of the lines of a session's events: it skips what it cannot parse (1.0.102, observed). */
import type {
  JsonRecord,
  SessionIdentity,
  SpokenWords,
  TranscriptRecordFacts,
  TranscriptRules,
} from "session-rescue"
import { isOwn, timeOf } from "./events.ts"

export const transcriptRules: TranscriptRules = {
  agent: "copilot",
  isChained: false, // `parentId` links events, and the client reads past any link that is wrong
  needsUtf8: "record",
  parentKey: "",
  idKey: "",
  isRecord: (value) =>
    typeof value.type === "string" &&
    isObject(value.data) &&
    typeof value.id === "string" &&
    "timestamp" in value,
  reading: () => ({
    ...{ bridges: true, readsGlued: false, replacesHalves: true, dropsUnpaired: true, stopsAtBroken: false },
    ...{ readsNull: true, endsLastLine: true, handles: () => false },
  }),
  isHead: ({ type }) => type === "session.start",
  facts,
  refusedParts: () => [],
  renamed: (value, id) =>
    value.type === "session.start" ? [{ path: ["data", "sessionId"], value: id }] : [],
  lostHead,
  spoken,
  keptPlace: /session-state\/[^/]+\/events\.jsonl$/,
  recoveredPlace: (id) => `session-state/${id}/events.jsonl`,
  lostResult: unpaired,
  lostCall: unpaired,
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

const speakers = new Map<unknown, "user" | "assistant">([
  ["user.message", "user"],
  ["assistant.message", "assistant"],
  ["tool.execution_complete", "user"],
])

function facts(value: JsonRecord): TranscriptRecordFacts {
  return {
    ...{ id: null, parent: undefined, leaf: null, group: null, calls: [], results: [], version: null },
    speaker: isOwn(value) ? (speakers.get(value.type) ?? null) : null,
    chain: "",
    time: timeOf(value),
    isCompaction: value.type === "session.compaction_complete",
  }
}

/** Without its first event a session "could not be loaded". */
function lostHead({ timestamp }: JsonRecord, { id, cwd }: SessionIdentity): JsonRecord {
  const made = { version: 1, producer: "copilot-agent", copilotVersion: "1.0.102" }
  const data = { sessionId: id, ...made, startTime: timestamp, context: { cwd: cwd ?? "/" } }
  return { type: "session.start", data, id: crypto.randomUUID(), timestamp, parentId: null }
}

function spoken({ id, parent, role, text, time }: SpokenWords): JsonRecord {
  const data =
    role === "user" ? { content: text, attachments: [] } : { messageId: id, content: text, toolRequests: [] }
  return { type: `${role}.message`, data, id, timestamp: new Date(time).toISOString(), parentId: parent }
}

function unpaired(): JsonRecord {
  throw new Error("calls and results of Copilot are not paired by a repair")
}
