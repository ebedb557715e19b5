/**
 * What Kimi Code makes of the lines of a wire: at the first that it cannot parse it cuts off the file, and keeps what was
 * there as `wire.jsonl.bak` the first time only (2.1.0, its public source).
 */
import { fieldsOf, type JsonRecord, type TranscriptRecordFacts, type TranscriptRules } from "session-rescue"
import { timeOf } from "./records.ts"

export const transcriptRules: TranscriptRules = {
  agent: "kimi",
  isChained: false,
  needsUtf8: "nothing",
  parentKey: "",
  idKey: "",
  isRecord,
  reading: () => ({
    ...{ bridges: true, readsGlued: false, replacesHalves: true, dropsUnpaired: true, stopsAtBroken: true },
    ...{ readsNull: true, endsLastLine: false, handles: () => false },
  }),
  facts,
  refusedParts: () => [],
  renamed: () => [], // the folder names the session, not its records
  keptPlace: /sessions\/[^/]+\/session_[^/]+\/agents\/[^/]+\/wire\.jsonl$/,
  lostResult: unpaired,
  lostCall: unpaired,
}

/** Of the types below, which have times of their own, the records of the loop are made. */
const inner = /^(tool|content|step)\./

function isRecord(value: JsonRecord): boolean {
  if (value.type === "metadata") return typeof value.protocol_version === "string"
  return typeof value.type === "string" && !inner.test(value.type) && typeof value.time === "number"
}

function facts(value: JsonRecord): TranscriptRecordFacts {
  return {
    ...{ id: null, parent: undefined, leaf: null, group: null, calls: [], results: [], version: null },
    speaker: speakerOf(value),
    chain: "",
    time: timeOf(value),
    isCompaction: value.type === "context.apply_compaction",
  }
}

function speakerOf(value: JsonRecord): "user" | "assistant" | null {
  if (value.type === "turn.prompt" || value.type === "turn.steer") return "user"
  if (value.type !== "context.append_loop_event") return null
  const type = `${fieldsOf(value.event).type}`
  if (type === "tool.result") return "user"
  return type === "tool.call" || type === "content.part" ? "assistant" : null
}

function unpaired(): JsonRecord {
  throw new Error("calls and results of Kimi Code are not paired by a repair")
}
