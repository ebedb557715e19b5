/** What Codex makes of the records of a rollout: their order is the conversation, nothing links them. */
import type {
  JsonRecord,
  SessionIdentity,
  SpokenWords,
  TranscriptRecordFacts,
  TranscriptRules,
} from "session-rescue"
import { payloadOf, timeOf } from "./turn.ts"

export const transcriptRules: TranscriptRules = {
  agent: "codex",
  isChained: false,
  needsUtf8: "file",
  parentKey: "",
  idKey: "",
  isRecord: (value) => typeof value.type === "string" && isObject(value.payload) && "timestamp" in value,
  reading: () => ({
    bridges: false,
    readsGlued: false,
    replacesHalves: false,
    dropsUnpaired: false,
    stopsAtBroken: false,
    endsLastLine: false,
    readsNull: true,
    handles: () => false,
  }),
  isHead: ({ type }) => type === "session_meta",
  facts,
  refusedParts: () => [],
  renamed,
  lostHead,
  spoken,
  recoveredPlace: (id) => `sessions/recovered/rollout-recovered-${id}.jsonl`,
  lostResult,
  lostCall,
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

const calling = new Set(["function_call", "custom_tool_call", "local_shell_call"])

function facts(value: JsonRecord): TranscriptRecordFacts {
  const { type, role, call_id: call } = payloadOf(value)
  const isItem = value.type === "response_item"
  const isCall = isItem && calling.has(`${type}`) && typeof call === "string"
  const isResult = isItem && `${type}`.endsWith("_output") && typeof call === "string"
  const spoken = isItem && type === "message" && (role === "user" || role === "assistant") ? role : null
  return {
    id: isCall || isResult ? `${type} ${call}` : null,
    parent: undefined,
    speaker: isResult ? "user" : spoken,
    chain: "",
    group: null,
    calls: isCall ? [call] : [],
    results: isResult ? [call] : [],
    time: timeOf(value),
    leaf: null,
    version: null,
    isCompaction: value.type === "compacted",
  }
}

const note = "[session-rescue: the rollout was damaged, and"

/** The first record names the thread; some versions name it a second time. */
function renamed(value: JsonRecord, id: string) {
  if (value.type !== "session_meta") return []
  const keys = ["id", "session_id"].filter((key) => key in payloadOf(value))
  return keys.map((key) => ({ path: ["payload", key], value: id }))
}

function spoken({ role, text, time }: SpokenWords): JsonRecord {
  const content = [{ type: role === "user" ? "input_text" : "output_text", text }]
  const timestamp = new Date(time).toISOString()
  return { timestamp, type: "response_item", payload: { type: "message", role, content } }
}

/** As little as 0.171.0 needs to take a rollout for one. */
function lostHead(near: JsonRecord, { id, cwd }: SessionIdentity): JsonRecord {
  const { timestamp } = near
  const made = { originator: "codex_cli_rs", cli_version: "0.0.0", source: "cli" }
  return { timestamp, type: "session_meta", payload: { id, timestamp, cwd: cwd ?? "/", ...made } }
}

function lostResult(call: string, near: JsonRecord): JsonRecord {
  const isCustom = payloadOf(near).type === "custom_tool_call"
  const payload = {
    type: isCustom ? "custom_tool_call_output" : "function_call_output",
    call_id: call,
    output: `${note} the output of this call was lost]`,
  }
  return { timestamp: near.timestamp, type: "response_item", payload }
}

function lostCall(call: string, near: JsonRecord): JsonRecord {
  const said = `${note} the call with this output was lost]`
  const payload =
    payloadOf(near).type === "custom_tool_call_output"
      ? { type: "custom_tool_call", call_id: call, name: "lost_call", input: said }
      : { type: "function_call", call_id: call, name: "lost_call", arguments: JSON.stringify({ note: said }) }
  return { timestamp: near.timestamp, type: "response_item", payload }
}
