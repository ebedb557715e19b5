/**
 * What Qwen Code makes of the lines of a chat (0.24.4, its public source): it goes on with the last record, follows the links from
 * there, and shows nothing that is before a link which leads nowhere. On a line that is not JSON it looks for whole records.
 */
import {
  fieldsOf,
  type JsonRecord,
  type SessionIdentity,
  type SpokenWords,
  type TranscriptRecordFacts,
  type TranscriptRules,
  textIn,
} from "session-rescue"
import { callsIn, isMessage, resultsIn, timeOf } from "./records.ts"

export const transcriptRules: TranscriptRules = {
  agent: "qwen",
  isChained: true,
  endsAtLastLine: true,
  joinsPieces: true,
  needsUtf8: "nothing",
  parentKey: "parentUuid",
  idKey: "uuid",
  isRecord,
  reading: () => ({
    ...{ bridges: false, leavesLoops: true, readsGlued: true, readsBehindNoise: true, stopsAtBroken: false },
    ...{
      replacesHalves: false,
      dropsUnpaired: true,
      addsResults: true,
      readsNull: true,
      endsLastLine: false,
    },
    handles: () => false,
  }),
  facts,
  refusedParts: () => [],
  renamed: (value, id) => (typeof value.sessionId === "string" ? [{ path: ["sessionId"], value: id }] : []),
  spoken,
  keptPlace: /projects\/[^/]+\/chats\/[^/]+\.jsonl$/,
  recoveredPlace: (id) => `projects/-recovered/chats/${id}.jsonl`,
  lostResult,
  lostCall,
}

const types = ["user", "assistant", "tool_result", "system"]

function isRecord(value: JsonRecord): boolean {
  const { uuid, parentUuid, sessionId, type, message } = value
  if (typeof uuid !== "string" || typeof sessionId !== "string" || !types.includes(`${type}`)) return false
  if (typeof parentUuid !== "string" && parentUuid !== null) return false
  return message === undefined ? type === "system" : Array.isArray(fieldsOf(message).parts)
}

/** Records that the client leaves out of the chain. */
const apart = /^(session_artifact_|session_sources_snapshot$|managed_session_)/

function facts(value: JsonRecord): TranscriptRecordFacts {
  const { uuid, parentUuid, type, subtype } = value
  const isApart = apart.test(textIn(subtype) ?? "")
  return {
    id: typeof uuid === "string" ? uuid : null,
    parent: isApart ? undefined : typeof parentUuid === "string" ? parentUuid : null,
    speaker: isMessage(value) ? (type === "assistant" ? "assistant" : "user") : null,
    chain: "",
    group: typeof uuid === "string" ? uuid : null,
    calls: callsIn(value),
    results: resultsIn(value),
    time: timeOf(value),
    leaf: null,
    version: textIn(value.version),
    isCompaction: subtype === "chat_compression",
  }
}

/** What every record of a session carries, taken from the one beside it. */
function frame(near: JsonRecord, uuid: string): JsonRecord {
  const keys = ["sessionId", "timestamp", "cwd", "version", "gitBranch"]
  const common = Object.fromEntries(keys.flatMap((key) => (key in near ? [[key, near[key]]] : [])))
  return { uuid, parentUuid: near.uuid ?? null, ...common }
}

function spoken({ id, parent, role, text, time }: SpokenWords, session: SessionIdentity): JsonRecord {
  return {
    ...{ uuid: id, parentUuid: parent, sessionId: session.id, timestamp: new Date(time).toISOString() },
    ...{ cwd: session.cwd ?? "/", version: "0.24.4", type: role },
    message: { role: role === "user" ? "user" : "model", parts: [{ text }] },
  }
}

const note = "session-rescue: the chat was damaged, and"

function lostResult(call: string, near: JsonRecord, uuid: string): JsonRecord {
  const response = { error: `[${note} the result of this call was lost]` }
  const parts = [{ functionResponse: { id: call, name: "lost_result", response } }]
  return { ...frame(near, uuid), type: "tool_result", message: { role: "user", parts } }
}

function lostCall(call: string, near: JsonRecord, uuid: string): JsonRecord {
  const args = { note: `${note} the call that this is the result of was lost` }
  const parts = [{ functionCall: { id: call, name: "lost_call", args } }]
  return { ...frame(near, uuid), type: "assistant", message: { role: "model", parts } }
}
