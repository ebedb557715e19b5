/** What the client and the API behind it make of the records of a transcript. */
import type {
  ClientReading,
  JsonRecord,
  KeptFile,
  SessionIdentity,
  SpokenWords,
  TranscriptRecordFacts,
  TranscriptRules,
} from "session-rescue"
import { compareVersions } from "../home/tested-versions.ts"
import { isMessage, partsOf, timeOf } from "../records/records.ts"
import { refusedParts } from "./refused-parts.ts"

export const transcriptRules: TranscriptRules = {
  agent: "claude-code",
  isChained: true,
  needsUtf8: "nothing",
  parentKey: "parentUuid",
  idKey: "uuid",
  reading,
  isRecord,
  facts,
  refusedParts,
  renamed: (value, id) => (typeof value.sessionId === "string" ? [{ path: ["sessionId"], value: id }] : []),
  keptFiles,
  spoken,
  recoveredPlace: (id) => `projects/-recovered/${id}.jsonl`,
  lostResult,
  lostCall,
}

/** The client notes after each prompt which copies of files hold the state before it (2.1.332, observed). */
function keptFiles(value: JsonRecord): readonly KeptFile[] | null {
  if (value.type !== "file-history-snapshot") return null
  const { trackedFileBackups: tracked } = (value.snapshot ?? {}) as { trackedFileBackups?: unknown }
  if (typeof tracked !== "object" || tracked === null) return []
  return Object.entries(tracked).map(([path, backup]) => {
    const { backupFileName: copy } = (backup ?? {}) as { backupFileName?: unknown }
    return { path, copy: typeof copy === "string" ? copy : null }
  })
}

/**
 * From 2.1.197 on (to 2.1.332, observed) the client goes on with the record before where a link is broken, and reads several
 * records on a line; 2.0.60 does neither: it shows only what follows the damage, and never returns from a loop. Between them:
 * as the older.
 */
function reading(version: string | null): ClientReading {
  const isNewer = isFrom("2.1.197", version)
  return {
    ...{
      bridges: isNewer,
      readsGlued: isNewer,
      replacesHalves: isNewer,
      dropsUnpaired: isNewer,
      stopsAtBroken: false,
      endsLastLine: false,
    },
    // 2.1.197: "null is not an object"; 2.0.60 and 2.1.231 to 2.1.332 skip it (observed)
    readsNull: version !== null && (!isNewer || isFrom("2.1.231", version)),
    handles: ({ handledSince, unhandled }) => {
      const [from, before] = unhandled ?? ["", ""]
      const isOut = unhandled !== undefined && isFrom(from, version) && !isFrom(before, version)
      return handledSince !== undefined && isFrom(handledSince, version) && !isOut
    },
  }
}

function isFrom(first: string, version: string | null): boolean {
  return version !== null && compareVersions(version, first) >= 0
}

/** A part of a record has a type too, but never a session: it is not a record of its own. */
function isRecord(value: JsonRecord): boolean {
  if (typeof value.type !== "string" || "payload" in value || isOfQwen(value)) return false
  if (typeof value.sessionId === "string") return true
  if (value.type === "summary") return typeof value.leafUuid === "string"
  return value.type === "file-history-snapshot" && typeof value.messageId === "string"
}

/** Qwen Code took over the frame of a record, not what is in it. */
function isOfQwen({ systemPayload, message }: JsonRecord): boolean {
  if (systemPayload !== undefined) return true
  return Array.isArray((message as { parts?: unknown } | null | undefined)?.parts)
}

function facts(value: JsonRecord): TranscriptRecordFacts {
  const { uuid, parentUuid, isSidechain, agentId, type } = value
  const isChained = typeof uuid === "string" && (typeof parentUuid === "string" || parentUuid === null)
  const isSide = isSidechain === true
  const isSpoken = isMessage(value)
  const parts = isSpoken ? partsOf(value) : []
  const ids = (kind: string, key: string) =>
    parts.flatMap((part) => (part.type === kind && typeof part[key] === "string" ? [part[key]] : []))
  return {
    id: typeof uuid === "string" ? uuid : null,
    parent: isChained ? (parentUuid as string | null) : undefined,
    speaker: isSpoken ? (type as "user" | "assistant") : null,
    chain: isSide ? `side ${typeof agentId === "string" ? agentId : ""}` : "",
    group: type === "assistant" ? answerId(value) : null,
    calls: ids("tool_use", "id"),
    results: ids("tool_result", "tool_use_id"),
    time: timeOf(value),
    leaf: type === "last-prompt" && typeof value.leafUuid === "string" ? value.leafUuid : null,
    version: typeof value.version === "string" ? value.version : null,
    isCompaction: type === "system" && value.subtype === "compact_boundary",
  }
}

function answerId({ message }: JsonRecord): string | null {
  const id = (message as { id?: unknown } | null | undefined)?.id
  return typeof id === "string" ? id : null
}

/** What every record of a session carries, taken from the one beside it. */
function common(near: JsonRecord): JsonRecord {
  const keys = ["isSidechain", "userType", "entrypoint", "cwd", "sessionId", "version", "gitBranch", "slug"]
  return Object.fromEntries(keys.flatMap((key) => (key in near ? [[key, near[key]]] : [])))
}

function spoken({ id, parent, role, text, time }: SpokenWords, session: SessionIdentity): JsonRecord {
  const content = [{ type: "text", text }]
  const message =
    role === "user"
      ? { role, content }
      : {
          ...{ id: `msg_${id.replaceAll("-", "")}`, type: "message", role, model: "<synthetic>", content },
          ...{ stop_reason: "end_turn", stop_sequence: null, usage: { input_tokens: 0, output_tokens: 0 } },
        }
  return {
    parentUuid: parent,
    isSidechain: false,
    userType: "external",
    cwd: session.cwd ?? "/",
    sessionId: session.id,
    type: role,
    message,
    uuid: id,
    timestamp: new Date(time).toISOString(),
  }
}

const note = "session-rescue: the transcript was damaged, and"

function lostResult(call: string, near: JsonRecord, id: string): JsonRecord {
  const content = [
    {
      type: "tool_result",
      tool_use_id: call,
      is_error: true,
      content: `[${note} the result of this call was lost]`,
    },
  ]
  return {
    parentUuid: near.uuid,
    ...common(near),
    type: "user",
    message: { role: "user", content },
    uuid: id,
    timestamp: near.timestamp,
  }
}

function lostCall(call: string, near: JsonRecord, id: string): JsonRecord {
  const input = { note: `${note} the call that this is the result of was lost` }
  return {
    parentUuid: near.parentUuid,
    ...common(near),
    type: "assistant",
    message: {
      id: `msg_${id.replaceAll("-", "")}`,
      type: "message",
      role: "assistant",
      model: "<synthetic>",
      content: [{ type: "tool_use", id: call, name: "lost_call", input }],
      stop_reason: "tool_use",
      stop_sequence: null,
      usage: { input_tokens: 0, output_tokens: 0 },
    },
    uuid: id,
    timestamp: near.timestamp,
  }
}
