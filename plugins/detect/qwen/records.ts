/** How a chat stands, and what is said in its records: Claude's frame with Gemini's messages (0.24.4, observed). */
import {
  type AnswerUsage,
  type Fields,
  fieldsOf,
  greatest,
  isOwnCall,
  leavesOf,
  lineIn,
  numberIn,
  type OpenCall,
  type Part,
  type RecordParts,
  type TranscriptRecord,
  type Turn,
  textIn,
  timeIn,
} from "session-rescue"

/** Work of the client's own for later, which goes on after the end of a session. */
function isOwn({ type, provenance, subagent_name: subagent }: TranscriptRecord): boolean {
  return textIn(subagent) === null && (type !== "user" || provenance !== "system")
}

export function isMessage(record: TranscriptRecord): boolean {
  return ["user", "assistant", "tool_result"].includes(`${record.type}`) && isOwn(record)
}

export function timeOf(record: TranscriptRecord): number | null {
  return timeIn(record.timestamp)
}

function partsOf(record: TranscriptRecord): readonly Fields[] {
  const { parts } = fieldsOf(record.message)
  return Array.isArray(parts) ? parts.map(fieldsOf) : []
}

/** The ids of the calls in a record, and of the calls that it has results of. */
export function callsIn(record: TranscriptRecord): readonly string[] {
  return partsOf(record).flatMap(({ functionCall }) => textIn(fieldsOf(functionCall).id) ?? [])
}

export function resultsIn(record: TranscriptRecord): readonly string[] {
  return partsOf(record).flatMap(({ functionResponse }) => textIn(fieldsOf(functionResponse).id) ?? [])
}

/** A turn ends with an answer that calls no tool. */
export function readTurn(records: readonly TranscriptRecord[]): Turn {
  const messages = records.filter(isMessage)
  const last = messages.at(-1)
  const base = { lastRecordAt: lastTime(records), lastMessageAt: lastTime(messages) }
  if (last === undefined) return { ...base, phase: "unknown", openCalls: [], message: "no message was read" }
  const openCalls = openCallsIn(messages)
  if (last.type === "assistant" && openCalls.length === 0)
    return { ...base, phase: "ended", openCalls: [], message: "the model spoke last" }
  const [call] = openCalls
  const message =
    call === undefined ? "the model has not answered yet" : `${call.tool} was called and has no result`
  return { ...base, phase: "mid-turn", openCalls, message }
}

function openCallsIn(messages: readonly TranscriptRecord[]): readonly OpenCall[] {
  const open = new Map<string, OpenCall>()
  for (const record of messages) {
    if (record.type === "user") open.clear() // a prompt after a crash: what was open is over
    for (const part of partsOf(record)) {
      const call = fieldsOf(part.functionCall)
      const answered = fieldsOf(part.functionResponse)
      const name = textIn(call.name)
      if (name !== null)
        open.set(textIn(call.id) ?? name, { tool: name, at: timeOf(record), summary: summaryOf(call.args) })
      if (textIn(answered.name) !== null) open.delete(textIn(answered.id) ?? `${answered.name}`)
    }
  }
  return [...open.values()]
}

function summaryOf(args: unknown): string | null {
  const { command, file_path, absolute_path, path, pattern, url, description } = fieldsOf(args)
  return lineIn(command ?? file_path ?? absolute_path ?? path ?? pattern ?? url ?? description)
}

/** What the user typed first. */
export function firstPrompt(records: readonly TranscriptRecord[]): string | null {
  for (const record of records) {
    const line = isTyped(record) ? lineIn(textsOf(record)) : null
    if (line !== null) return line
  }
  return null
}

function isTyped(record: TranscriptRecord): boolean {
  return record.type === "user" && isOwn(record) && textIn(record.subtype) === null
}

function textsOf(record: TranscriptRecord): string {
  return partsOf(record)
    .flatMap(({ text, thought }) => (thought === true ? [] : (textIn(text) ?? [])))
    .join("\n")
}

export function givenTitle(records: readonly TranscriptRecord[]): string | null {
  const named = records.findLast(({ subtype }) => subtype === "custom_title")
  return named === undefined ? null : titleIn(named)
}

function titleIn(record: TranscriptRecord): string | null {
  const { customTitle, title } = fieldsOf(record.systemPayload)
  return lineIn(customTitle ?? title)
}

export const usageMark = '"usageMetadata"'

/** The input includes what was read from the cache. */
export function readAnswerUsage(record: TranscriptRecord): AnswerUsage | null {
  if (record.type !== "assistant" || record.usageMetadata === undefined) return null
  const usage = fieldsOf(record.usageMetadata)
  const count = (key: string) => numberIn(usage[key]) ?? 0
  const cacheRead = count("cachedContentTokenCount")
  return {
    answer: textIn(record.uuid) ?? "",
    time: timeOf(record),
    model: textIn(record.model),
    cwd: textIn(record.cwd),
    input: Math.max(0, count("promptTokenCount") - cacheRead),
    cacheWrite: 0,
    cacheRead,
    output: count("candidatesTokenCount") + count("thoughtsTokenCount"),
  }
}

export function readParts(record: TranscriptRecord, _document: string): RecordParts | null {
  const parts = textParts(record)
  const usage = readAnswerUsage(record)
  const named = record.subtype === "custom_title" ? titleIn(record) : null
  if (parts.length === 0 && usage === null && named === null) return null
  return {
    id: textIn(record.uuid),
    session: textIn(record.sessionId),
    time: timeOf(record),
    cwd: textIn(record.cwd),
    branch: textIn(record.gitBranch),
    model: textIn(record.model),
    subagent: textIn(record.subagent_name),
    parts,
    usage: usage === null ? null : { ...usage },
    title: named === null ? null : { text: named, rank: 1 },
    ...(record.type === "user" ? { prompt: () => firstPrompt([record]) } : {}),
  }
}

function textParts(record: TranscriptRecord): Part[] {
  const { type, subtype } = record
  if (type === "system" && subtype === "chat_compression")
    return [{ kind: "compaction", role: "system", text: "Conversation compacted" }]
  if (!["user", "assistant", "tool_result"].includes(`${type}`)) return []
  return partsOf(record).flatMap((part): Part[] => {
    const text = textIn(part.text)
    const call = fieldsOf(part.functionCall)
    const result = fieldsOf(part.functionResponse)
    if (textIn(call.name) !== null) return [callPart(call)]
    if (textIn(result.name) !== null) return [resultPart(result)]
    if (text === null) return []
    if (part.thought === true) return [{ kind: "thinking", role: "assistant", text }]
    const role = type === "assistant" ? "assistant" : isTyped(record) ? "user" : "system"
    return [{ kind: "text", role, text }]
  })
}

function callPart({ id, name, args }: Fields): Part {
  const command = textIn(fieldsOf(args).command)
  const { command: _, ...rest } = fieldsOf(args)
  const words = command === null ? leavesOf(args) : [command, ...leavesOf(rest)]
  const file = textIn(fieldsOf(args).file_path) ?? textIn(fieldsOf(args).absolute_path)
  return {
    ...{ kind: "tool_use", role: "assistant", tool: `${name}`, text: words.join("\n") },
    ...(textIn(id) === null ? {} : { call: `${id}` }),
    ...(command === null ? {} : { command }),
    ...(isOwnCall(`${name}`, command) ? { bySessionRescue: true } : {}),
    ...(file === null ? {} : { files: [file] }),
  } as Part
}

function resultPart({ id, response }: Fields): Part {
  const { output, error } = fieldsOf(response)
  const text = textIn(output) ?? textIn(error) ?? leavesOf(response).join("\n")
  return {
    ...{ kind: "tool_result", role: "tool", text },
    ...(textIn(id) === null ? {} : { call: `${id}` }),
    ...(textIn(error) === null ? {} : { isError: true }),
  } as Part
}

function lastTime(records: readonly TranscriptRecord[]): number | null {
  return greatest(records.flatMap((record) => timeOf(record) ?? []))
}
