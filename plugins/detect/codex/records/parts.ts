/** Message parts: the text of a rollout's records, for the index and for display. */
import {
  isOwnCall,
  leavesOf,
  lineIn,
  type Part,
  parseUuid,
  type RecordParts,
  type TranscriptRecord,
} from "session-rescue"
import { threadIdIn } from "./rollouts.ts"
import { firstPrompt, isByClient, textIn } from "./title.ts"
import { commandIn, inputOf, payloadOf, timeOf } from "./turn.ts"
import { readAnswerUsage } from "./usage.ts"

/** `{session_id, ts, text}`, `ts` in seconds (0.171.0, observed). */
export const promptLog = "history.jsonl"

type Fields = Readonly<Record<string, unknown>>

/** Records without text of the conversation (0.98 and 0.171.0, observed); events repeat what the items say. */
const bookkeeping = new Set([
  "session_meta",
  "turn_context",
  "world_state",
  "event_msg",
  "token_usage_record",
])
const itemKinds = new Set(["message", "reasoning", "ghost_snapshot", "compaction", "web_search_call"])

export function readParts(record: TranscriptRecord, document: string): RecordParts | null {
  if (document === promptLog) return loggedPrompt(record)
  const payload = payloadOf(record)
  const parts = partsIn(record, payload)
  const usage = readAnswerUsage(record)
  const unknown = unknownType(record, payload)
  const cwd = textOrNull(payload.cwd)
  if (parts.length === 0 && usage === null && cwd === null) return null
  const subagent = threadIdIn(document.slice(document.lastIndexOf("/") + 1))
  const isPrompt = record.type === "response_item" && payload.role === "user"
  return {
    id: textOrNull(payload.id) ?? callRecordId(payload),
    session: null,
    time: timeOf(record),
    cwd,
    branch: textOrNull(fields(payload.git).branch),
    model: record.type === "turn_context" ? textOrNull(payload.model) : null,
    subagent: subagent === null ? null : subagent.slice(-8),
    parts,
    usage: usage === null ? null : { ...usage },
    title: null,
    ...(isPrompt ? { prompt: () => firstPrompt([record]) } : {}),
    ...(unknown === null ? {} : { unknown }),
  }
}

/** A prompt as all threads of a home share them: of one whose rollout is gone it is all that is left. */
function loggedPrompt({ session_id, ts, text }: TranscriptRecord): RecordParts | null {
  const session = parseUuid(session_id)
  if (session === null || typeof text !== "string" || text.trim() === "") return null
  return {
    ...{ id: null, session, cwd: null, branch: null, model: null, subagent: null, usage: null, title: null },
    time: typeof ts === "number" ? ts * 1000 : null,
    parts: [{ kind: "prompt", role: "user", text, queued: true }],
    prompt: () => lineIn(text),
  }
}

function partsIn(record: TranscriptRecord, payload: Fields): Part[] {
  if (record.type === "compacted") {
    const text = textOrNull(payload.message) ?? "Conversation compacted"
    return [{ kind: "compaction", role: "system", text }]
  }
  if (record.type === "event_msg") {
    const text =
      payload.type === "error" || payload.type === "stream_error" ? textOrNull(payload.message) : null
    return text === null ? [] : [{ kind: "text", role: "system", text, isError: true }]
  }
  if (record.type !== "response_item") return unknownParts(record, payload)
  const { type } = payload
  if (type === "message") return messageParts(payload)
  if (type === "reasoning") return reasoningParts(payload)
  if (`${type}`.endsWith("_output")) return resultParts(payload)
  if (`${type}`.endsWith("_call")) return callParts(payload)
  return unknownParts(record, payload)
}

function messageParts({ role, content }: Fields): Part[] {
  const text = textIn(content)
  if (text === "") return []
  if (role === "assistant") return [{ kind: "text", role: "assistant", text }]
  return [{ kind: "text", role: role === "user" && !isByClient(text) ? "user" : "system", text }]
}

function reasoningParts({ summary, content }: Fields): Part[] {
  const text = [textIn(summary), textIn(content)].filter((each) => each !== "").join("\n")
  return text === "" ? [] : [{ kind: "thinking", role: "assistant", text }]
}

function callParts(payload: Fields): Part[] {
  const input = inputOf(payload)
  const command = commandIn(input)
  const tool = textOrNull(payload.name) ?? `${payload.type}`
  // tools of a server have it as their namespace (0.171.0, observed)
  const ours = isOwnCall(tool, command, textOrNull(payload.namespace))
  const { cmd: _, command: __, ...rest } = fields(input)
  const words =
    typeof input === "string" ? [input] : command === null ? leavesOf(input) : [command, ...leavesOf(rest)]
  return [
    {
      kind: "tool_use",
      role: "assistant",
      tool,
      text: words.join("\n"),
      ...callId(payload),
      ...(command === null ? {} : { command }),
      ...(ours ? { bySessionRescue: true } : {}),
    },
  ]
}

function resultParts(payload: Fields): Part[] {
  const { output } = payload
  const text =
    typeof output === "string"
      ? output
      : (textOrNull(textIn(fields(output).content ?? output)) ?? leavesOf(output).join("\n"))
  const failed = fields(output).success === false ? ({ isError: true } as const) : {}
  return [{ kind: "tool_result", role: "tool", text, ...callId(payload), ...failed }]
}

/** Of types that this version does not know: their text is found, as the client's. */
function unknownParts(record: TranscriptRecord, payload: Fields): Part[] {
  if (unknownType(record, payload) === null) return []
  const { id: _, type: __, ...rest } = payload
  return [{ kind: "text", role: "system", text: leavesOf(rest).join("\n") }]
}

function unknownType(record: TranscriptRecord, payload: Fields): string | null {
  const type = `${record.type}`
  if (bookkeeping.has(type) || type === "compacted" || type === "undefined") return null
  if (type !== "response_item") return leavesOf(payload).some((each) => /\s/.test(each)) ? type : null
  const item = `${payload.type}`
  if (itemKinds.has(item) || item.endsWith("_call") || item.endsWith("_output")) return null
  return leavesOf(payload).some((each) => /\s/.test(each)) ? `response_item ${item}` : null
}

function callId({ call_id: call }: Fields): { call?: string } {
  return typeof call === "string" ? { call } : {}
}

/** A result of 0.98 has no id of its own. */
function callRecordId({ type, call_id: call }: Fields): string | null {
  return typeof call === "string" ? `${type} ${call}` : null
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {}
}
