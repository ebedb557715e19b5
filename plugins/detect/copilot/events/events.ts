/** Events: the records of a session, `{type, data, id, timestamp, parentId}` (1.0.102, observed). */
import {
  type Fields,
  fieldsOf,
  greatest,
  leavesOf,
  lineIn,
  type OpenCall,
  type TranscriptRecord,
  textIn,
  timeIn,
} from "session-rescue"

export function dataOf(event: TranscriptRecord): Fields {
  return fieldsOf(event.data)
}

export function timeOf(event: TranscriptRecord): number | null {
  return timeIn(event.timestamp)
}

/** Of the conversation with the user, not of a subagent. */
export function isOwn(event: TranscriptRecord): boolean {
  return textIn(event.agentId) === null && textIn(dataOf(event).parentToolCallId) === null
}

/** What a person, the model or a tool said. */
export function isMessage({ type }: TranscriptRecord): boolean {
  return type === "user.message" || type === "assistant.message" || `${type}`.startsWith("tool.")
}

/** A new start of the client leaves nothing running. */
export function sinceStart(own: readonly TranscriptRecord[]): readonly TranscriptRecord[] {
  return own.slice(own.findLastIndex(({ type }) => type === "session.resume" || type === "session.start") + 1)
}

export function openCallsIn(own: readonly TranscriptRecord[]): readonly OpenCall[] {
  const open = new Map<string, OpenCall>()
  for (const event of sinceStart(own)) {
    const data = dataOf(event)
    const id = `${data.toolCallId}`
    if (event.type === "abort") open.clear()
    else if (event.type === "tool.execution_complete") open.delete(id)
    else if (event.type === "tool.execution_start")
      open.set(id, { tool: toolIn(data), at: timeOf(event), summary: summaryOf(data.arguments) })
  }
  return [...open.values()]
}

export function toolIn({ toolName, name }: Fields): string {
  return textIn(toolName) ?? textIn(name) ?? "a tool"
}

/** The command of a call that runs one. */
export function commandIn(input: unknown): string | null {
  return textIn(fieldsOf(input).command)
}

export function summaryOf(input: unknown): string | null {
  const { path, url, pattern, query, message, question, summary, description } = fieldsOf(input)
  const said = path ?? url ?? pattern ?? query ?? message ?? question ?? summary ?? description
  return lineIn(commandIn(input) ?? said)
}

/** Whether the client wrote its last event when it exited; null when no event says. */
export function hasShutDown(events: readonly TranscriptRecord[]): boolean | null {
  const last = events.findLast(({ type }) => /^session\.(start|resume|shutdown)$/.test(`${type}`))
  return last === undefined ? null : last.type === "session.shutdown"
}

/** The text of what a result holds. */
export function resultText(data: Fields): string {
  const { result, error } = data
  const { detailedContent, content, contents } = fieldsOf(result)
  return (
    textIn(fieldsOf(error).message) ??
    textIn(content) ??
    textIn(detailedContent) ??
    leavesOf(contents ?? result ?? error ?? "").join("\n")
  )
}

export function lastTime(events: readonly TranscriptRecord[]): number | null {
  return greatest(events.flatMap((event) => timeOf(event) ?? []))
}
