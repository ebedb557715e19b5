/** Message parts: the text of messages, for the index and for display. */
import {
  type Fields,
  fieldsOf,
  isOwnCall,
  isRow,
  leavesOf,
  numberIn,
  type Part,
  type RecordParts,
  type RowLine,
  type TranscriptRecord,
  textIn,
  textOf,
} from "session-rescue"
import { parseData } from "./records.ts"
import { usageOf } from "./usage.ts"

export function readParts(record: TranscriptRecord, document: string): RecordParts | null {
  if (document !== "" || textIn(record.id) !== null) return readTreeRecord(record)
  const line = record as unknown as RowLine
  if (!isRow(line)) return null
  if (line.table === "session") return sessionRecord(line)
  return line.table === "message" ? messageRecord(line) : null
}

const nothing = {
  ...{ session: null, time: null, cwd: null, branch: null, model: null, subagent: null },
  ...{ parts: [], usage: null, title: null },
}

function sessionRecord({ row, session }: RowLine): RecordParts | null {
  const title = textOf(row.title)
  const cwd = textOf(row.directory)
  if (session !== undefined || (title === null && cwd === null)) return null
  const id = `session ${textOf(row.id)} ${title}`
  return {
    ...nothing,
    id,
    cwd,
    title: title === null || isDefaultTitle(title) ? null : { text: title, rank: 2 },
  }
}

/** What the client calls a session until it has made a title (1.18.33, observed). */
function isDefaultTitle(title: string): boolean {
  return /^(New session|Child session) - \d{4}-/.test(title)
}

function messageRecord({ row, rows = [], session }: RowLine): RecordParts | null {
  const data = dataOf(row.data)
  const parts = rows
    .filter(({ table }) => table === "part")
    .flatMap((part) => partsIn(dataOf(part.row.data), data.role))
  const id = textOf(row.id)
  const usage = usageOf(id, data)
  if (parts.length === 0 && usage === null) return null
  return {
    ...nothing,
    id,
    time: numberIn(fieldsOf(data.time).created) ?? numberIn(row.time_created),
    cwd: session === undefined ? textIn(fieldsOf(data.path).cwd) : null,
    model: textIn(data.modelID),
    subagent: session === undefined ? null : session.slice(-8),
    parts,
    usage: usage === null ? null : { ...usage },
    ...(data.role === "user" ? { prompt: () => promptIn(parts) } : {}),
  }
}

function promptIn(parts: readonly Part[]): string | null {
  const said = parts.find(({ kind, role }) => kind === "text" && role === "user")?.text ?? ""
  const line = said.slice(0, 800).replace(/\s+/g, " ").trim()
  return line === "" ? null : [...line].slice(0, 200).join("")
}

function dataOf(value: RowLine["row"][string] | undefined): Fields {
  if (typeof value === "object" && value !== null && "json" in value) return fieldsOf(value.json)
  return parseData(typeof value === "string" ? value : "")
}

/** A file of the tree holds one message or one part; a part does not say whose it is, but only an answer has times. */
function readTreeRecord(record: TranscriptRecord): RecordParts | null {
  const id = textIn(record.id)
  if (textIn(record.messageID) !== null) {
    const isAnswer = record.type !== "text" || Object.keys(fieldsOf(record.time)).length > 0
    const parts = partsIn(record, isAnswer ? "assistant" : "user")
    const time =
      numberIn(fieldsOf(record.time).start) ?? numberIn(fieldsOf(fieldsOf(record.state).time).start)
    return parts.length === 0 ? null : { ...nothing, id, session: null, time, parts }
  }
  if (textIn(record.role) !== null) {
    const usage = usageOf(id, record)
    const time = numberIn(fieldsOf(record.time).created)
    return usage === null
      ? null
      : { ...nothing, id, time, model: textIn(record.modelID), usage: { ...usage } }
  }
  const title = textIn(record.title)
  const cwd = textIn(record.directory)
  return title === null && cwd === null
    ? null
    : {
        ...nothing,
        id,
        cwd,
        title: title === null || isDefaultTitle(title) ? null : { text: title, rank: 2 },
      }
}

function partsIn(part: Fields, role: unknown): readonly Part[] {
  const said = textIn(part.text)
  switch (part.type) {
    case "text":
      if (said === null) return []
      if (role === "assistant") return [{ kind: "text", role: "assistant", text: said }]
      return [{ kind: "text", role: part.synthetic === true ? "system" : "user", text: said }]
    case "reasoning":
      return said === null ? [] : [{ kind: "thinking", role: "assistant", text: said }]
    case "tool":
      return toolParts(part)
    case "compaction":
      return [{ kind: "compaction", role: "system", text: "Conversation compacted" }]
    case "file": {
      const name = textIn(part.filename) ?? textIn(fieldsOf(part.source).path)
      return name === null ? [] : [{ kind: "attachment", role: "user", text: name }]
    }
    case "subtask":
    case "agent":
      return said === null && textIn(part.prompt) === null
        ? []
        : [{ kind: "text", role: "user", text: said ?? textIn(part.prompt) ?? "" }]
    default:
      return []
  }
}

function toolParts(part: Fields): readonly Part[] {
  const state = fieldsOf(part.state)
  const tool = textIn(part.tool) ?? "tool"
  const call = textIn(part.callID)
  const command = textIn(fieldsOf(state.input).command)
  const { command: _, ...rest } = fieldsOf(state.input)
  const words = command === null ? leavesOf(state.input) : [command, ...leavesOf(rest)]
  const about = call === null ? {} : { call }
  const output = textIn(state.output) ?? textIn(state.error)
  const failed = state.status === "error" ? ({ isError: true } as const) : {}
  const isOurs = isOwnCall(tool, command)
  const ours = isOurs ? ({ bySessionRescue: true } as const) : {}
  return [
    {
      ...{ kind: "tool_use", role: "assistant", tool, text: words.join("\n"), ...about },
      ...(command === null ? {} : { command }),
      ...ours,
    } as Part,
    ...(output === null
      ? []
      : [{ kind: "tool_result", role: "tool", tool, text: output, ...about, ...failed, ...ours } as Part]),
  ]
}
