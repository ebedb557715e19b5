/** Message parts: the text of transcript records, for the index and for display. */
import {
  leavesOf,
  type Part,
  type RecordParts,
  type TranscriptRecord,
  textIn,
  type Usage,
} from "session-rescue"
import { partsOf, timeOf } from "../records/records.ts"
import { firstPrompt } from "../records/title.ts"
import { noModel, tokenCounts } from "../records/token-usage.ts"
import { byClient, userParts } from "../records/user-text.ts"
import { attachedParts, isKnownAttachment, systemParts } from "./attachments.ts"
import { messagePart } from "./message-parts.ts"
import { readSharedRecord } from "./purged-sessions.ts"
import { deliveredParts, queuedParts } from "./queued-prompts.ts"
import { namePart, recordTitle } from "./record-title.ts"
import { isBookkeeping } from "./record-types.ts"

type Fields = Readonly<Record<string, unknown>>

/** The parts of one record of a transcript or a subagent's file; null when it has none. */
export function readParts(record: TranscriptRecord, document: string): RecordParts | null {
  const trace = readSharedRecord(record, document)
  if (trace !== undefined) return trace
  const parts = partsIn(record)
  const title = recordTitle(record)
  if (parts.length === 0 && title === null) return null
  const message = fields(record.message)
  const unknown = unknownType(record)
  return {
    id: nameOf(record, title),
    session: textIn(record.sessionId),
    time: timeOf(record),
    cwd: textIn(record.cwd),
    branch: textIn(record.gitBranch),
    model: record.type === "assistant" && message.model !== noModel ? textIn(message.model) : null,
    subagent: subagentOf(record, document),
    parts,
    usage: record.type === "assistant" ? usageOf(message, record) : null,
    title,
    ...(record.type === "user" ? { prompt: () => firstPrompt([record]) } : {}),
    ...(record.type === "summary" && typeof record.leafUuid === "string" ? { about: record.leafUuid } : {}),
    ...(unknown === null ? {} : { unknown }),
  }
}

function partsIn(record: TranscriptRecord): Part[] {
  const { type } = record
  if (type === "user" || type === "assistant") {
    const blocks = partsOf(record)
    const [only] = blocks
    // nearly every record has one
    if (only !== undefined && blocks.length === 1) return messagePart(record, only)
    return blocks.flatMap((part) => messagePart(record, part))
  }
  if (type === "system") return partsOfSystemRecord(record)
  if (type === "attachment") {
    const attachment = fields(record.attachment)
    return attachment.type === "queued_command" ? deliveredParts(attachment) : attachedParts(attachment)
  }
  if (type === "queue-operation") return queuedParts(record)
  const name = namePart(record)
  if (name !== null) return [name]
  return unknownType(record) === null ? [] : systemParts(textsOf(record))
}

/** 2.1 marks a compaction by a boundary; the summary that follows is a user record with a mark of its own. */
function partsOfSystemRecord(record: TranscriptRecord): Part[] {
  const words = typeof record.content === "string" ? record.content : ""
  if (record.subtype === "compact_boundary") {
    return [{ kind: "compaction", role: "system", text: words === "" ? "Conversation compacted" : words }]
  }
  if (words === "") return []
  // 2.1.332 records a built-in command this way although the user typed it
  if (record.subtype === "local_command") return userParts(record, words)
  return [{ ...byClient(words), ...(record.level === "error" ? { isError: true } : {}) }]
}

/** An unknown type of record or attachment that contains text. */
function unknownType(record: TranscriptRecord): string | null {
  const { type } = record
  if (type === "attachment") {
    const attached = fields(record.attachment).type
    return isKnownAttachment(attached) || typeof attached !== "string" ? null : `attachment ${attached}`
  }
  const isKnown = ["user", "assistant", "system"].includes(`${type}`) || namePart(record) !== null
  if (typeof type !== "string" || isKnown || isNamed(type) || isBookkeeping(type)) return null
  return textsOf(record).some((each) => /\s/.test(each)) ? type : null
}

function isNamed(type: string): boolean {
  return ["custom-title", "ai-title", "agent-name", "summary", "tag"].includes(type)
}

/** Strings of a record, without the fields that every record has. */
function textsOf(record: TranscriptRecord): string[] {
  const {
    type: _,
    uuid,
    parentUuid,
    sessionId,
    session_id,
    timestamp,
    cwd,
    version,
    gitBranch,
    ...rest
  } = record
  const { entrypoint, userType, promptId, messageId, requestId, ...said } = rest
  return leavesOf(said)
}

/** Names are written repeatedly; the same name gets the same id. */
function nameOf(record: TranscriptRecord, title: RecordParts["title"]): string | null {
  const name = textIn(record.uuid)
  return name === null && title !== null ? `named ${title.text}` : name
}

function subagentOf(record: TranscriptRecord, document: string): string | null {
  const file = /(?:^|\/)agent-([^/]+)\.jsonl$/.exec(document)?.[1]
  if (file !== undefined) return file
  if (record.isSidechain !== true) return null
  return textIn(record.agentId) ?? "sidechain"
}

function usageOf(message: Fields, record: TranscriptRecord): Usage | null {
  if (typeof message.usage !== "object" || message.usage === null) return null
  return { answer: textIn(message.id) ?? textIn(record.uuid) ?? "", ...tokenCounts(message.usage as Fields) }
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {}
}
