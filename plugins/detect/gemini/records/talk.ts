/** What a chat's records add up to: the client appends changes, and the last one counts. */
import { type Fields, fieldsOf, type TranscriptRecord, timeIn } from "session-rescue"

export interface Talk {
  /** Each message once, as it was written last. */
  readonly messages: readonly Fields[]
  /** Whether the list was replaced after the last message of its own: a compaction, or a resume. */
  readonly wasReplaced: boolean
  /** The error or the cancellation with which the last turn ended: a list that replaces the messages has it no more. */
  readonly ending: Fields | null
  readonly summary: string | null
  /** What its client noted last: a title that another client writes later does not count. */
  readonly lastUpdated: number | null
}

const types = new Set(["user", "gemini", "info", "error", "warning"])

export function isMessage(record: Fields): boolean {
  return typeof record.id === "string" && types.has(`${record.type}`)
}

/** What a person, the model or a tool said. The client begins each session with a message of its own (0.61.0, observed). */
export function isSaid({ type, content }: Fields): boolean {
  return type === "gemini" || (type === "user" && !isByClient(wordsIn(content)))
}

export function isByClient(text: string): boolean {
  return text.startsWith("<session_context>")
}

/**
 * A message is appended again under its id when its tool calls or tokens are known; `$set.messages` replaces the list, at a
 * resume and at a compaction; `$rewindTo` drops a message and all after it (0.61.0, observed and public).
 */
export function readTalk(records: readonly TranscriptRecord[]): Talk {
  let messages = new Map<string, Fields>()
  let wasReplaced = false
  let [ending, summary, lastUpdated] = [null as Fields | null, null as string | null, null as number | null]
  const take = ({ messages: list, ...rest }: Fields) => {
    if (typeof rest.summary === "string") summary = rest.summary
    else lastUpdated = timeIn(rest.lastUpdated) ?? lastUpdated
    if (!Array.isArray(list) || list.length === 0) return
    messages = new Map(list.filter(isMessage).map((each: Fields) => [`${each.id}`, each]))
    wasReplaced = true
  }
  for (const record of records) {
    if (isMessage(record)) {
      messages.set(`${record.id}`, record)
      wasReplaced = false
      ending = isEnding(record) ? record : isSaid(record) ? null : ending
    } else if (typeof record.$rewindTo === "string") {
      const ids = [...messages.keys()]
      const at = ids.indexOf(record.$rewindTo)
      for (const id of ids.slice(Math.max(0, at))) messages.delete(id)
    } else take(fieldsOf(record.$set ?? record))
  }
  return { messages: [...messages.values()], wasReplaced, ending, summary, lastUpdated }
}

function isEnding({ type, content }: Fields): boolean {
  return type === "error" || (type === "info" && /^Request cancelled/i.test(wordsIn(content)))
}

/** The parts of a message's content: a text alone, one part, or a list. */
export function partsOf(content: unknown): readonly Fields[] {
  if (typeof content === "string") return [{ text: content }]
  return (Array.isArray(content) ? content : [content]).map((part) =>
    typeof part === "string" ? { text: part } : fieldsOf(part),
  )
}

/** Its text, without what the model thought. */
export function wordsIn(content: unknown): string {
  const texts = partsOf(content).flatMap(({ text, thought }) =>
    typeof text === "string" && thought !== true ? text : [],
  )
  return texts.join("\n")
}

export function callsOf({ toolCalls }: Fields): readonly Fields[] {
  return Array.isArray(toolCalls) ? toolCalls.map(fieldsOf) : []
}
