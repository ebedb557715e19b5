/** How a session stands, and what is said in the records of its wire (2.1.0, observed). */
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

export function timeOf(record: TranscriptRecord): number | null {
  return timeIn(record.time)
}

function loopEvent(record: TranscriptRecord): Fields {
  return record.type === "context.append_loop_event" ? fieldsOf(record.event) : {}
}

const starts = new Set(["turn.prompt", "turn.steer", "agent.turn.started"])
const ends = new Set(["turn.ended", "agent.turn.ended", "turn.cancel"])

export function holdsTurn(records: readonly TranscriptRecord[]): boolean {
  return records.some(({ type }) => starts.has(`${type}`) || ends.has(`${type}`))
}

/** What a person, the model or a tool said. */
export function isMessage(record: TranscriptRecord): boolean {
  return record.type === "turn.prompt" || /^(content\.part|tool\.)/.test(`${loopEvent(record).type}`)
}

export interface KimiTurn extends Turn {
  /** A permission or an answer that is waited for, and since when. */
  readonly question: { readonly kind: string; readonly at: number | null } | null
}

export function readTurn(records: readonly TranscriptRecord[]): KimiTurn {
  const at = records.findLastIndex(({ type }) => starts.has(`${type}`) || ends.has(`${type}`))
  const base = {
    lastRecordAt: lastTime(records),
    lastMessageAt: lastTime(
      records.filter((each) => isMessage(each) || `${each.type}`.startsWith("interaction.")),
    ),
    question: null,
  }
  const last = records[at]
  if (last === undefined)
    return { ...base, phase: "unknown", openCalls: [], message: "no record of a turn was read" }
  if (ends.has(`${last.type}`)) {
    const reason = textIn(last.reason) ?? textIn(last.outcome)
    return {
      ...base,
      phase: "ended",
      openCalls: [],
      message: `its last turn ended${reason === null ? "" : ` (${reason})`}`,
    }
  }
  const turn = records.slice(records.findLastIndex(({ type }) => ends.has(`${type}`)) + 1)
  const asked = openRequest(turn)
  if (asked !== null) {
    const { tool, summary } = asked.call
    const what = summary == null ? tool : `${tool} ${summary}`
    const message = `permission for ${what} was requested and is not given yet`
    const question = { kind: asked.kind, at: asked.call.at }
    return { ...base, phase: "mid-turn", openCalls: [asked.call], question, message }
  }
  const openCalls = openCallsIn(turn)
  const [call] = openCalls
  const message =
    call === undefined ? "the model has not answered yet" : `${call.tool} was called and has no result`
  return { ...base, phase: "mid-turn", openCalls, message }
}

function openRequest(
  records: readonly TranscriptRecord[],
): { readonly kind: string; readonly call: OpenCall } | null {
  const open = new Map<string, { kind: string; call: OpenCall }>()
  for (const record of records) {
    if (record.type === "interaction.resolved") open.delete(`${record.id}`)
    if (record.type !== "interaction.request") continue
    const request = fieldsOf(record.request)
    const shown = fieldsOf(request.display)
    const summary = lineIn(shown.command ?? shown.path ?? request.action ?? request.question)
    const call = { tool: textIn(request.toolName) ?? "a tool", at: timeOf(record), summary }
    open.set(`${record.id}`, { kind: textIn(record.kind) ?? "approval", call })
  }
  return [...open.values()][0] ?? null
}

function openCallsIn(records: readonly TranscriptRecord[]): readonly OpenCall[] {
  const open = new Map<string, OpenCall>()
  for (const record of records) {
    const { type, toolCallId, name, args } = loopEvent(record)
    if (type === "tool.result") open.delete(`${toolCallId}`)
    if (type === "tool.call")
      open.set(`${toolCallId}`, {
        tool: textIn(name) ?? "a tool",
        at: timeOf(record),
        summary: summaryOf(args),
      })
  }
  return [...open.values()]
}

function summaryOf(args: unknown): string | null {
  const { command, path, file_path, pattern, url, description } = fieldsOf(args)
  return lineIn(command ?? path ?? file_path ?? pattern ?? url ?? description)
}

export function firstPrompt(records: readonly TranscriptRecord[]): string | null {
  for (const record of records) {
    const line = isTyped(record) ? lineIn(textOf(record.input)) : null
    if (line !== null) return line
  }
  return null
}

function isTyped(record: TranscriptRecord): boolean {
  return record.type === "turn.prompt" && fieldsOf(record.origin).kind === "user"
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content
  if (!Array.isArray(content)) return ""
  return content.flatMap((part) => textIn(fieldsOf(part).text) ?? []).join("\n")
}

export const usageMark = '"usage.record"'

export function readAnswerUsage(record: TranscriptRecord): AnswerUsage | null {
  if (record.type !== "usage.record") return null
  const usage = fieldsOf(record.usage)
  const count = (key: string) => numberIn(usage[key]) ?? 0
  return {
    answer: "",
    time: timeOf(record),
    model: textIn(record.model),
    cwd: null,
    input: count("inputOther"),
    cacheWrite: count("inputCacheCreation"),
    cacheRead: count("inputCacheRead"),
    output: count("output"),
  }
}

/** Tokens in the context, as the client counts them after each answer. */
export function contextTokens(records: readonly TranscriptRecord[]): number | null {
  const counted = records.findLast(({ type }) =>
    /^token_counting\.(measured|turn_recorded|rebased)$/.test(`${type}`),
  )
  return numberIn(counted?.tokens)
}

export function readParts(record: TranscriptRecord, document: string): RecordParts | null {
  const parts = partsIn(record)
  const usage = readAnswerUsage(record)
  if (parts.length === 0 && usage === null) return null
  const agent = /(?:^|\/)agents\/([^/]+)\/wire\.jsonl$/.exec(document)?.[1] ?? "main"
  const event = loopEvent(record)
  return {
    id: textIn(event.uuid) ?? textIn(record.promptId) ?? resultId(event),
    session: null,
    time: timeOf(record),
    cwd: null,
    branch: null,
    model: null,
    subagent: agent === "main" ? null : agent,
    parts,
    usage: usage === null ? null : { ...usage },
    title: null,
    ...(record.type === "turn.prompt" ? { prompt: () => firstPrompt([record]) } : {}),
  }
}

function resultId({ type, toolCallId }: Fields): string | null {
  return type === "tool.result" && textIn(toolCallId) !== null ? `result ${toolCallId}` : null
}

/** `turn.prompt` and the events of the loop hold everything once; other records repeat it for the model or the screen. */
function partsIn(record: TranscriptRecord): Part[] {
  if (record.type === "turn.prompt" || record.type === "turn.steer") {
    const text = textIn(textOf(record.input))
    return text === null ? [] : [{ kind: "text", role: isTyped(record) ? "user" : "system", text }]
  }
  if (record.type === "context.apply_compaction")
    return [{ kind: "compaction", role: "system", text: textIn(record.summary) ?? "Conversation compacted" }]
  const event = loopEvent(record)
  if (event.type === "content.part") {
    const { type, text, think } = fieldsOf(event.part)
    const said = textIn(text) ?? textIn(think)
    return said === null
      ? []
      : [{ kind: type === "text" ? "text" : "thinking", role: "assistant", text: said }]
  }
  if (event.type === "tool.call") return [callPart(event)]
  return event.type === "tool.result" ? [resultPart(event)] : []
}

function callPart({ toolCallId, name, args }: Fields): Part {
  const { command: given, ...rest } = fieldsOf(args)
  const command = textIn(given)
  const words = command === null ? leavesOf(args) : [command, ...leavesOf(rest)]
  const file = textIn(fieldsOf(args).path) ?? textIn(fieldsOf(args).file_path)
  return {
    kind: "tool_use",
    role: "assistant",
    tool: textIn(name) ?? "a tool",
    text: words.join("\n"),
    call: `${toolCallId}`,
    ...(command === null ? {} : { command }),
    ...(isOwnCall(`${name}`, command) ? { bySessionRescue: true } : {}),
    ...(file === null ? {} : { files: [file] }),
  }
}

function resultPart({ toolCallId, result }: Fields): Part {
  const { output, isError } = fieldsOf(result)
  const text = textIn(output) ?? leavesOf(output ?? "").join("\n")
  return {
    kind: "tool_result",
    role: "tool",
    text,
    call: `${toolCallId}`,
    ...(isError === true ? { isError: true } : {}),
  }
}

function lastTime(records: readonly TranscriptRecord[]): number | null {
  return greatest(records.flatMap((record) => timeOf(record) ?? []))
}
