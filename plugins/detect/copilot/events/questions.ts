/** Questions that the client has put to the user. */
import { fieldsOf, lineIn, type OpenCall, type TranscriptRecord, textIn } from "session-rescue"
import { dataOf, openCallsIn, sinceStart, summaryOf, timeOf, toolIn } from "./events.ts"

/** A question that the client has put to the user, and that is recorded (1.0.102, observed). */
export interface Question {
  readonly kind: "permission" | "answer"
  /** Milliseconds since 1970. */
  readonly at: number | null
  readonly tool: string
  readonly summary: string | null
}

/** The events that ask, with those that close the question; of one that a hook has answered nobody is asked. */
const asking: Readonly<Record<string, Question["kind"]>> = {
  "permission.requested": "permission",
  "user_input.requested": "answer",
  "elicitation.requested": "answer",
  "exit_plan_mode.requested": "permission",
}

/** Tools that do nothing but ask: their question is not recorded in events of its own (1.0.102, observed). */
const askingTools = new Map<string, Question["kind"]>([
  ["ask_user", "answer"],
  ["exit_plan_mode", "permission"],
])

function askingCall(events: readonly TranscriptRecord[]): Question | null {
  for (const { tool, at, summary } of openCallsIn(events)) {
    const kind = askingTools.get(tool)
    if (kind !== undefined) return { kind, at, tool, summary: summary ?? null }
  }
  return null
}

export function openQuestion(events: readonly TranscriptRecord[]): Question | null {
  return openRequest(events) ?? askingCall(events)
}

function openRequest(events: readonly TranscriptRecord[]): Question | null {
  const open = new Map<string, Question>()
  for (const event of sinceStart(events)) {
    const type = `${event.type}`
    const data = dataOf(event)
    const kind = asking[type]
    if (type === "abort") open.clear()
    else if (type.endsWith(".completed")) open.delete(`${data.requestId}`)
    else if (kind !== undefined && data.resolvedByHook !== true)
      open.set(`${data.requestId}`, questionOf(kind, event, events))
  }
  return [...open.values()][0] ?? null
}

function questionOf(
  kind: Question["kind"],
  event: TranscriptRecord,
  events: readonly TranscriptRecord[],
): Question {
  const data = dataOf(event)
  const request = fieldsOf(data.permissionRequest)
  const call = textIn(request.toolCallId) ?? textIn(data.toolCallId)
  const start = call === null ? undefined : events.findLast((each) => startsCall(each, call))
  const tool = start === undefined ? textIn(request.kind) : toolIn(dataOf(start))
  const { fullCommandText, fileName, path, url, toolTitle, toolName, intention } = request
  const named = fullCommandText ?? fileName ?? path ?? url ?? toolTitle ?? toolName ?? intention
  const asked = named ?? data.question ?? data.message ?? data.summary
  const summary = lineIn(asked) ?? (start === undefined ? null : summaryOf(dataOf(start).arguments))
  return { kind, at: timeOf(event), tool: tool ?? "a tool", summary }
}

function startsCall(event: TranscriptRecord, call: string): boolean {
  return event.type === "tool.execution_start" && dataOf(event).toolCallId === call
}

/** The call that waits for the answer. */
export function callOf({ kind, tool, at, summary }: Question): OpenCall {
  return { tool: kind === "answer" ? "AskUserQuestion" : tool, at, summary }
}

export function describeQuestion({ kind, tool, summary }: Question): string {
  const what = summary === null ? tool : `${tool} ${summary}`
  return kind === "permission"
    ? `permission for ${what} was requested and is not given yet`
    : `the user was asked, and has not answered: ${summary ?? "a question"}`
}
