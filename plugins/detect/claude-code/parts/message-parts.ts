import { fullLength, leavesOf, type Part, type TranscriptRecord, textIn } from "session-rescue"
import { toolCallText } from "../records/call-text.ts"
import { byClient, userParts, withoutReminders } from "../records/user-text.ts"

type Fields = Readonly<Record<string, unknown>>

/** The parts of one content block of a message. */
export function messagePart(record: TranscriptRecord, part: Fields): Part[] {
  switch (part.type) {
    case "text":
      return textParts(record, textIn(part.text) ?? "")
    case "thinking":
      return part.thinking ? [{ kind: "thinking", role: "assistant", text: textIn(part.thinking) ?? "" }] : []
    case "tool_use":
    case "server_tool_use":
    case "mcp_tool_use":
      return [{ ...toolCallText(textIn(part.name) ?? "", part.input), ...callId(part.id) }]
    case "tool_result":
    case "mcp_tool_result":
    case "web_search_tool_result":
      return resultParts(part)
    default: {
      const words = blockText(part)
      if (words === "") return []
      return [{ kind: "attachment", role: roleOf(record), text: words, ...picturesIn([part]) }]
    }
  }
}

function textParts(record: TranscriptRecord, words: string): Part[] {
  if (words === "") return []
  if (record.isCompactSummary === true) return [{ kind: "summary", role: "assistant", text: words }]
  const role = roleOf(record)
  if (role === "user") return userParts(record, words)
  if (record.isApiErrorMessage === true) return [{ ...byClient(words), isError: true }]
  return [{ kind: "text", role, text: words }]
}

function roleOf(record: TranscriptRecord): Part["role"] {
  if (record.type === "assistant") return isByModel(record) ? "assistant" : "system"
  if (record.isMeta === true) return "system"
  const { kind } = (record.origin ?? {}) as Fields
  if (kind === "task-notification") return "tool"
  return ["coordinator", "observer", "observer-activity", "auto-continuation"].includes(`${kind}`)
    ? "system"
    : "user"
}

/** false for text that the client writes in the model's place: no connection, or no answer. */
function isByModel(record: TranscriptRecord): boolean {
  const { model } = (record.message ?? {}) as Fields
  return record.isApiErrorMessage !== true && model !== "<synthetic>"
}

function resultParts(part: Fields): Part[] {
  const isError = part.is_error === true ? ({ isError: true } as const) : {}
  const about = { ...callId(part.tool_use_id), ...isError, ...picturesIn(part.content) }
  return withoutReminders(resultText(part.content), (words) => ({
    ...{ kind: "tool_result", role: "tool", text: words },
    ...about,
  }))
}

function resultText(content: unknown): string {
  if (typeof content === "string") return content
  if (!Array.isArray(content)) return leavesOf(content).join("\n")
  return content.map((piece) => (typeof piece === "string" ? piece : blockText(fields(piece)))).join("\n")
}

/** Images are not text: only their type and name are kept. */
function blockText(piece: Fields): string {
  const { text: words, type, source, cache_control: _, ...rest } = piece
  const named = () => leavesOf(rest)
  if (typeof words === "string") return [words, ...named()].filter((each) => each !== "").join("\n")
  if (type !== "image" && type !== "document") return leavesOf(piece).join("\n")
  const { media_type: media, type: form, data, ...where } = fields(source)
  const isText = form === "text" && typeof data === "string"
  const size = typeof data === "string" ? `, ${fullLength(data)} characters` : ""
  const is = isText ? data : `[${[type, textIn(media)].filter((each) => each !== null).join(" ")}${size}]`
  const pieces = form === "content" ? leavesOf(source) : leavesOf(where)
  return [...named(), ...(form === "content" ? [] : [is]), ...pieces].join("\n")
}

/** The pictures among content blocks; not the placeholders in a record of many MB. */
function picturesIn(content: unknown): Pick<Part, "pictures"> {
  if (!Array.isArray(content) || !content.some((piece) => fields(piece).type === "image")) return {}
  const pictures = () =>
    content.flatMap((piece) => {
      const { type, source } = fields(piece)
      const { media_type: media, data } = fields(source)
      const isWhole = typeof data === "string" && fullLength(data) === data.length
      return type === "image" && typeof media === "string" && isWhole ? [{ media, data }] : []
    })
  return { pictures }
}

function callId(value: unknown): { call?: string } {
  return typeof value === "string" ? { call: value } : {}
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {}
}
