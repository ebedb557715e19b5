import { greatest, type OpenCall, type TranscriptRecord, type Turn } from "session-rescue"

type Fields = Readonly<Record<string, unknown>>

export function payloadOf(record: TranscriptRecord): Fields {
  const { payload } = record
  return typeof payload === "object" && payload !== null ? (payload as Fields) : {}
}

export function timeOf(record: TranscriptRecord): number | null {
  const time = typeof record.timestamp === "string" ? Date.parse(record.timestamp) : Number.NaN
  return Number.isNaN(time) ? null : time
}

const starts = "task_started"
const ends = new Set(["task_complete", "turn_aborted"])

/** Whether these records say how the last turn stands: its start or end, or, before there were such records, a message. */
export function holdsTurn(records: readonly TranscriptRecord[]): boolean {
  return records.some(isTurnEvent) || records.filter(isMessage).length > 20
}

function isTurnEvent({ type, ...record }: TranscriptRecord): boolean {
  const event = payloadOf(record).type
  return type === "event_msg" && (event === starts || ends.has(`${event}`))
}

/** What a person, the model or a tool said. Text that begins with `<` in a user's message is the client's (observed). */
export function isMessage(record: TranscriptRecord): boolean {
  if (record.type !== "response_item") return false
  const { type, role } = payloadOf(record)
  return type === "message" ? role === "user" || role === "assistant" : type !== "reasoning"
}

/**
 * A turn begins with `task_started` and ends with `task_complete` or `turn_aborted`; one that was cut off is never closed
 * (0.171.0, observed). Versions without these records (0.98) end a turn with an answer and no open call.
 */
export function readTurn(records: readonly TranscriptRecord[]): Turn {
  const lastRecordAt = lastTime(records)
  const at = records.findLastIndex(isTurnEvent)
  const event = at === -1 ? null : payloadOf(records[at] as TranscriptRecord).type
  const openCalls = openCallsAfter(records, event === starts ? at : -1)
  const base = { lastRecordAt, lastMessageAt: lastTime(records.filter(isMessage)) }
  if (event !== null) {
    if (event !== starts)
      return { ...base, phase: "ended", openCalls: [], message: `its last turn ended (${event})` }
    return {
      ...base,
      phase: "mid-turn",
      openCalls,
      message: describeOpen(openCalls, "its last turn has begun and not ended"),
    }
  }
  const last = records.findLast(isMessage)
  if (last === undefined) return { ...base, phase: "unknown", openCalls: [], message: "no message was read" }
  const { type, role } = payloadOf(last)
  const ended = type === "message" && role === "assistant" && openCalls.length === 0
  return ended
    ? { ...base, phase: "ended", openCalls: [], message: "the model spoke last" }
    : {
        ...base,
        phase: "mid-turn",
        openCalls,
        message: describeOpen(openCalls, "the model has not answered yet"),
      }
}

function describeOpen(calls: readonly OpenCall[], otherwise: string): string {
  const [call] = calls
  return call === undefined ? otherwise : `${call.tool} was called and has no result`
}

const calls = new Set(["function_call", "custom_tool_call", "local_shell_call"])

function openCallsAfter(records: readonly TranscriptRecord[], start: number): readonly OpenCall[] {
  const open = new Map<string, OpenCall>()
  for (const record of records.slice(start + 1)) {
    const payload = payloadOf(record)
    const id = `${payload.call_id}`
    if (record.type !== "response_item") continue
    if (calls.has(`${payload.type}`))
      open.set(id, { tool: toolOf(payload), at: timeOf(record), summary: summaryOf(payload) })
    else if (`${payload.type}`.endsWith("_output")) open.delete(id)
  }
  return [...open.values()]
}

function toolOf({ type, name }: Fields): string {
  return typeof name === "string" ? name : type === "local_shell_call" ? "shell" : `${type}`
}

/** A call's arguments as an object: JSON in a string, or in `action` for the shell of older versions. */
export function inputOf({ arguments: given, input, action }: Fields): unknown {
  if (typeof given === "string") {
    try {
      return JSON.parse(given)
    } catch {
      return given
    }
  }
  return input ?? action ?? null
}

/** The command of a call that runs one: `cmd` (0.171.0), `command`, a text or a list of words (before). */
export function commandIn(input: unknown): string | null {
  const { cmd, command } = (typeof input === "object" && input !== null ? input : {}) as Fields
  const value = cmd ?? command
  if (typeof value === "string") return value
  if (!Array.isArray(value) || !value.every((each) => typeof each === "string")) return null
  const [shell = "", option = "", script = ""] = value as string[]
  return value.length === 3 && /sh$/.test(shell) && /^-l?c$/.test(option) ? script : value.join(" ")
}

function summaryOf(payload: Fields): string | null {
  const line = (commandIn(inputOf(payload)) ?? "").replace(/\s+/g, " ").trim()
  return line === "" ? null : line.slice(0, 200)
}

function lastTime(records: readonly TranscriptRecord[]): number | null {
  return greatest(records.flatMap((record) => timeOf(record) ?? []))
}
