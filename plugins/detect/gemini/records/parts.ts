/** Message parts: the text of a chat's records, for the index and for display. */
import {
  type Fields,
  fieldsOf,
  isOwnCall,
  leavesOf,
  lineIn,
  type Part,
  parseUuid,
  type RecordParts,
  type Role,
  type TranscriptRecord,
  timeIn,
} from "session-rescue"
import { callsOf, isMessage, isSaid, partsOf, wordsIn } from "./talk.ts"
import { promptLine } from "./title.ts"
import { readAnswerUsage } from "./usage.ts"

/** `document`: the file's name in the home, "" for the transcript. */
export function readParts(record: TranscriptRecord, document: string): readonly RecordParts[] {
  if (document.endsWith("/logs.json")) return loggedPrompt(record)
  if (/^tmp\/[^/]+\/logs\//.test(document)) return [] // traffic of the client, no conversation
  const subagent = /\/chats\/[^/]+\/([^/]+)\.jsonl?$/.exec(document)?.[1]?.slice(0, 8) ?? null
  const patch = fieldsOf(record.$set ?? record)
  const listed = Array.isArray(patch.messages) ? patch.messages.map(fieldsOf).filter(isMessage) : []
  const own = isMessage(record) ? [record, ...listed] : listed
  const said = own.flatMap((message) => recordsOf(message, subagent))
  const title = isMessage(record) || typeof patch.summary !== "string" ? null : lineIn(patch.summary)
  return title === null ? said : [titleRecord(title), ...said]
}

const none = {
  session: null,
  time: null,
  cwd: null,
  branch: null,
  model: null,
  subagent: null,
  usage: null,
  title: null,
} as const

function titleRecord(text: string): RecordParts {
  return {
    ...none,
    id: `title ${text}`,
    parts: [{ kind: "title", role: "system", text }],
    title: { text, rank: 2 },
    mayRepeat: true,
  }
}

/** A prompt as the folder's sessions share them: of a session that is gone it is all that is left. */
function loggedPrompt({ sessionId, timestamp, type, message }: Fields): readonly RecordParts[] {
  const session = parseUuid(sessionId)
  if (session === null || type !== "user" || typeof message !== "string" || message.trim() === "") return []
  const parts: Part[] = [{ kind: "prompt", role: "user", text: message, queued: true }]
  return [{ ...none, id: null, session, time: timeIn(timestamp), parts, prompt: () => lineIn(message) }]
}

/**
 * What a message says, and each call and result in it, as records of their own: a message is written again when it has grown,
 * and a result in two places; what was read of it before is not read twice.
 */
function recordsOf(message: Fields, subagent: string | null): readonly RecordParts[] {
  const { id, timestamp, model } = message
  const about = {
    ...none,
    time: timeIn(timestamp),
    model: typeof model === "string" ? model : null,
    subagent,
    mayRepeat: true,
  } as const
  const usage = readAnswerUsage(message)
  const prompt = message.type === "user" ? { prompt: () => promptLine(message) } : {}
  const parts = partsIn(message)
  const own: RecordParts = {
    ...about,
    id: `${id}`,
    parts,
    usage: usage === null ? null : { ...usage },
    ...prompt,
  }
  const others = [
    ...callsOf(message).flatMap(recordedCall),
    ...partsOf(message.content).flatMap(exchangedCall),
  ]
  const calls = others.map((part, index) => {
    const call = part.call ?? `${id} ${index}`
    return { ...about, id: `${part.kind} ${subagent ?? ""} ${call}`, parts: [{ ...part, call }] }
  })
  return parts.length === 0 && usage === null ? calls : [own, ...calls]
}

/** A call as the client records it, with its result once there is one. */
function recordedCall(call: Fields): readonly Part[] {
  const result = resultPart(call)
  return result === null ? [callPart(call)] : [callPart(call), result]
}

/** A call as the model made it, or a result as the model got it. */
function exchangedCall({ functionCall, functionResponse }: Fields): readonly Part[] {
  if (functionCall !== undefined) return [callPart(fieldsOf(functionCall))]
  return functionResponse === undefined ? [] : [responsePart(fieldsOf(functionResponse))]
}

function partsIn({ type, content, displayContent, thoughts }: Fields): readonly Part[] {
  if (type !== "user" && type !== "gemini") {
    const text = wordsIn(content)
    const error = type === "error" ? ({ isError: true } as const) : {}
    return text === "" ? [] : [{ kind: "text", role: "system", text, ...error }]
  }
  const isOwn = type === "user" && !isSaid({ type, content })
  const role = isOwn ? "system" : type === "user" ? "user" : "assistant"
  const thought = Array.isArray(thoughts) ? thoughts.map(thoughtText).filter((text) => text !== "") : []
  const shown = wordsIn(displayContent)
  const parts = shown === "" ? partsOf(content) : [{ text: shown }]
  return [
    ...thought.map((text): Part => ({ kind: "thinking", role: "assistant", text })),
    ...parts.flatMap((part) => contentPart(part, role)),
  ]
}

function thoughtText(thought: unknown): string {
  const { subject, description } = fieldsOf(thought)
  return [subject, description].filter((each) => typeof each === "string" && each !== "").join("\n")
}

function contentPart(part: Fields, role: Role): readonly Part[] {
  const { text, thought, inlineData, fileData } = part
  if (typeof text === "string") {
    if (text === "") return []
    return [thought === true ? { kind: "thinking", role: "assistant", text } : { kind: "text", role, text }]
  }
  const { mimeType, fileUri } = fieldsOf(inlineData ?? fileData)
  return typeof mimeType === "string"
    ? [
        {
          kind: "attachment",
          role,
          text: [mimeType, fileUri].filter((each) => typeof each === "string").join(" "),
        },
      ]
    : []
}

function callPart({ id, name, args }: Fields): Part {
  const { command, ...rest } = fieldsOf(args)
  const isCommand = typeof command === "string" && command !== ""
  const files = ["file_path", "absolute_path", "path"].flatMap((key) => {
    const path = rest[key]
    return typeof path === "string" && path !== "" ? path : []
  })
  return {
    kind: "tool_use",
    role: "assistant",
    tool: `${name ?? "tool"}`,
    text: isCommand ? [command, ...leavesOf(rest)].join("\n") : leavesOf(args).join("\n"),
    ...callOf(id),
    ...(isCommand ? { command } : {}),
    ...(isOwnCall(`${name}`, isCommand ? command : null) ? { bySessionRescue: true } : {}),
    ...(files.length === 0 ? {} : { files }),
  }
}

function resultPart({ id, result, resultDisplay, status, name }: Fields): Part | null {
  if (result == null) return null
  const [response] = partsOf(result).flatMap(({ functionResponse }) => functionResponse ?? [])
  if (response !== undefined) return responsePart({ name, id, ...fieldsOf(response) })
  const text = leavesOf(result).join("\n") || (typeof resultDisplay === "string" ? resultDisplay : "")
  const failed = status === "error" || status === "cancelled" ? ({ isError: true } as const) : {}
  return { kind: "tool_result", role: "tool", text, tool: `${name ?? "tool"}`, ...callOf(id), ...failed }
}

function responsePart({ id, name, response }: Fields): Part {
  const text = leavesOf(response).join("\n")
  const failed = fieldsOf(response).error === undefined ? {} : ({ isError: true } as const)
  return { kind: "tool_result", role: "tool", text, tool: `${name ?? "tool"}`, ...callOf(id), ...failed }
}

function callOf(id: unknown): { call?: string } {
  return typeof id === "string" ? { call: id } : {}
}
