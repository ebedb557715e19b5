import { lengthOf, type Part, type RecordParts, type Usage } from "session-rescue"
import { leavesOf, toolCallText } from "./call-text.ts"
import { recordTitle } from "./record-title.ts"
import { partsOf, type TranscriptRecord, timeOf } from "./records.ts"
import { firstPrompt } from "./title.ts"

type Fields = Readonly<Record<string, unknown>>

/** The parts of one record of a transcript or a subagent's file; null when nothing was said in it. */
export function readParts(record: TranscriptRecord, document: string): RecordParts | null {
  const parts = partsIn(record)
  const title = recordTitle(record)
  if (parts.length === 0 && title === null) return null
  const message = fields(record.message)
  return {
    id: text(record.uuid),
    session: text(record.sessionId),
    time: timeOf(record),
    cwd: text(record.cwd),
    branch: text(record.gitBranch),
    model: record.type === "assistant" && message.model !== "<synthetic>" ? text(message.model) : null,
    subagent: subagentOf(record, document),
    parts,
    usage: record.type === "assistant" ? usageOf(message, record) : null,
    title,
    ...(record.type === "user" ? { prompt: () => firstPrompt([record]) } : {}),
  }
}

function partsIn(record: TranscriptRecord): Part[] {
  if (record.type === "user" || record.type === "assistant")
    return partsOf(record).flatMap((part) => messagePart(record, part))
  if (record.type === "system") return systemParts(record)
  if (record.type === "attachment") {
    const typed = typedMeanwhile(fields(record.attachment))
    if (typed !== null) return typed
    const words = leavesOf(record.attachment).join("\n")
    return words === "" ? [] : [{ kind: "attachment", role: "system", text: words }]
  }
  if (record.type === "summary" && typeof record.summary === "string") {
    return [{ kind: "summary", role: "system", text: record.summary }]
  }
  return []
}

/** 2.1 hands on as an attachment what a person typed while the model was at work; others' messages come so too. */
function typedMeanwhile({ type, commandMode, isMeta, origin, prompt }: Fields): Part[] | null {
  const own = origin === undefined || fields(origin).kind === "human"
  if (type !== "queued_command" || commandMode !== "prompt" || isMeta === true || !own) return null
  const message = { type: "user", message: { content: prompt } }
  return partsOf(message).flatMap((part) => messagePart(message, part))
}

/** 2.1 marks a compaction by a boundary; the summary that follows is a user record with a mark of its own. */
function systemParts(record: TranscriptRecord): Part[] {
  const words = typeof record.content === "string" ? record.content : ""
  if (record.subtype === "compact_boundary") {
    return [{ kind: "compaction", role: "system", text: words === "" ? "Conversation compacted" : words }]
  }
  return words === "" ? [] : [{ kind: "text", role: "system", text: words }]
}

function messagePart(record: TranscriptRecord, part: Fields): Part[] {
  switch (part.type) {
    case "text":
      return said(record, text(part.text) ?? "")
    case "thinking":
      return part.thinking ? [{ kind: "thinking", role: "assistant", text: text(part.thinking) ?? "" }] : []
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      return [{ ...toolCallText(text(part.name) ?? "", part.input), ...callId(part.id) }]
    case "tool_result":
    case "mcp_tool_result":
    case "web_search_tool_result": {
      const isError = part.is_error === true ? { isError: true } : {}
      const words = resultText(part.content)
      return [{ kind: "tool_result", role: "tool", text: words, ...callId(part.tool_use_id), ...isError }]
    }
    default: {
      const words = pieceText(part)
      return words === "" ? [] : [{ kind: "attachment", role: roleOf(record), text: words }]
    }
  }
}

function said(record: TranscriptRecord, words: string): Part[] {
  if (words === "") return []
  if (record.isCompactSummary === true) return [{ kind: "summary", role: "system", text: words }]
  return [{ kind: "text", role: roleOf(record), text: words }]
}

function roleOf(record: TranscriptRecord): Part["role"] {
  if (record.type === "assistant") return record.isApiErrorMessage === true ? "system" : "assistant"
  return record.isMeta === true ? "system" : "user"
}

function resultText(content: unknown): string {
  if (typeof content === "string") return content
  if (!Array.isArray(content)) return leavesOf(content).join("\n")
  return content.map((piece) => pieceText(fields(piece))).join("\n")
}

/** A picture is not text: only what it is gets a place. */
function pieceText(piece: Fields): string {
  if (typeof piece.text === "string") return piece.text
  const { source } = piece
  if (piece.type !== "image" && piece.type !== "document") return leavesOf(piece).join("\n")
  const { media_type: media, type, data } = fields(source)
  if (type === "text" && typeof data === "string") return data
  return `[${piece.type} ${text(media) ?? ""}${typeof data === "string" ? `, ${lengthOf(data)} characters` : ""}]`
}

function subagentOf(record: TranscriptRecord, document: string): string | null {
  const file = /(?:^|\/)agent-([^/]+)\.jsonl$/.exec(document)?.[1]
  if (file !== undefined) return file
  if (record.isSidechain !== true) return null
  return text(record.agentId) ?? "sidechain"
}

function usageOf(message: Fields, record: TranscriptRecord): Usage | null {
  if (typeof message.usage !== "object" || message.usage === null) return null
  const usage = message.usage as Fields
  const number = (key: string) => (typeof usage[key] === "number" ? (usage[key] as number) : 0)
  return {
    answer: text(message.id) ?? text(record.uuid) ?? "",
    input: number("input_tokens"),
    cacheWrite: number("cache_creation_input_tokens"),
    cacheRead: number("cache_read_input_tokens"),
    output: number("output_tokens"),
  }
}

function callId(value: unknown): { call?: string } {
  return typeof value === "string" ? { call: value } : {}
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {}
}
