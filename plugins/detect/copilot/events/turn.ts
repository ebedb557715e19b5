/** How the conversation stands, from the types of its events. */
import { type OpenCall, type SubagentTurn, type TranscriptRecord, type Turn, textIn } from "session-rescue"
import { dataOf, isMessage, isOwn, lastTime, openCallsIn, sinceStart, timeOf } from "./events.ts"
import { callOf, describeQuestion, openQuestion, type Question } from "./questions.ts"

export interface CopilotTurn extends Turn {
  readonly question: Question | null
}

/** Types that begin, end, or cut off a turn; one turn is one request to the model. */
const boundaries = new Set([
  "user.message",
  "assistant.turn_start",
  "assistant.turn_end",
  "abort",
  "session.start",
  "session.resume",
])

const spoken =
  /^(user\.message|assistant\.(message|reasoning)|tool\.|permission\.|user_input\.|elicitation\.|subagent\.|abort$)/

/** Whether these events say how the last turn stands. */
export function holdsTurn(events: readonly TranscriptRecord[]): boolean {
  const at = events.findLastIndex((event) => isOwn(event) && boundaries.has(`${event.type}`))
  if (at === -1) return false
  return events[at]?.type !== "assistant.turn_end" || events.slice(0, at).some(isOwnMessage)
}

function isOwnMessage(event: TranscriptRecord): boolean {
  return event.type === "assistant.message" && isOwn(event)
}

export function readTurn(events: readonly TranscriptRecord[]): CopilotTurn {
  const own = events.filter(isOwn)
  const at = own.findLastIndex((event) => boundaries.has(`${event.type}`))
  const boundary = own[at]
  const openCalls = openCallsIn(own)
  const base = {
    lastRecordAt: lastTime(events),
    lastMessageAt: lastTime(events.filter(({ type }) => spoken.test(`${type}`))),
    subagents: subagentsIn(events),
    question: null,
  }
  const ended = (message: string) => ({ ...base, phase: "ended" as const, openCalls: [], message })
  if (boundary === undefined)
    return { ...base, phase: "unknown", openCalls: [], message: "no event of a turn was read" }
  if (boundary.type === "abort") return ended("its last turn was aborted")
  if (boundary.type === "session.start") return ended("nothing was said yet")
  if (boundary.type === "session.resume") return ended("it was resumed, and nothing was said since")
  const question = openQuestion(events) // a subagent asks the same user
  if (question !== null)
    return {
      ...base,
      phase: "mid-turn",
      openCalls: [callOf(question)],
      question,
      message: describeQuestion(question),
    }
  if (boundary.type === "assistant.turn_end" && openCalls.length === 0 && !asksForTools(own.slice(0, at)))
    return ended("its last turn ended (assistant.turn_end)")
  const message = describeOpen(openCalls, boundary)
  return { ...base, phase: "mid-turn", openCalls, unansweredRequests: requestsAfter(own), message }
}

/** After tools the model is asked again, in a turn of its own. */
function asksForTools(own: readonly TranscriptRecord[]): boolean {
  const requests = dataOf(own.findLast(({ type }) => type === "assistant.message") ?? {}).toolRequests
  return Array.isArray(requests) && requests.length > 0
}

function describeOpen([call]: readonly OpenCall[], { type }: TranscriptRecord): string {
  if (call !== undefined) return `${call.tool} was started and has not completed`
  if (type === "assistant.turn_end") return "its tools are done, and the model was not asked again"
  return "the model has not answered yet"
}

/** When the model was asked, since it or a tool last said something. */
function requestsAfter(own: readonly TranscriptRecord[]): readonly number[] {
  const said = own.findLastIndex((event) => isMessage(event))
  return own
    .slice(said + 1)
    .flatMap((event) => (event.type === "assistant.turn_start" ? (timeOf(event) ?? []) : []))
}

/** Subagents that were started, and have neither completed nor failed. */
function subagentsIn(events: readonly TranscriptRecord[]): readonly SubagentTurn[] {
  const open = new Map<string, string>()
  for (const event of sinceStart(events)) {
    const { toolCallId, agentDisplayName, agentName } = dataOf(event)
    if (event.type === "subagent.started")
      open.set(
        `${event.agentId ?? toolCallId}`,
        textIn(agentDisplayName) ?? textIn(agentName) ?? "a subagent",
      )
    else if (event.type === "subagent.completed" || event.type === "subagent.failed")
      open.delete(`${event.agentId ?? toolCallId}`)
  }
  return [...open].map(([id, name]) => {
    const its = events.filter(({ agentId }) => agentId === id)
    return { name, lastMessageAt: lastTime(its), openCalls: openCallsIn(its) }
  })
}
