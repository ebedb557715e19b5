import { type Fields, fieldsOf, greatest, type OpenCall, type Turn, timeIn } from "session-rescue"
import { callsOf, isSaid, partsOf, type Talk, wordsIn } from "./talk.ts"

/** States in which the client leaves a call that is over (0.61.0, observed and public). */
const over = new Set(["success", "error", "cancelled"])

/**
 * A turn ends with an answer of the model that calls no tool. An answer that calls one is written without text, and again
 * once the tool is through: what happens in between, a run or a question to the person, is written nowhere (0.61.0, observed).
 */
export function readTurn({ messages, ending }: Talk): Turn {
  const said = messages.filter(isSaid)
  const last = said.at(-1)
  const base = {
    lastRecordAt: greatest(messages.flatMap(({ timestamp }) => timeIn(timestamp) ?? [])),
    lastMessageAt: greatest(said.flatMap(({ timestamp }) => timeIn(timestamp) ?? [])),
  }
  if (last === undefined) return { ...base, phase: "unknown", openCalls: [], message: "no message was read" }
  if (ending !== null) {
    const message =
      ending.type === "error" ? "its last turn ended with an error" : "its last turn was cancelled"
    return { ...base, phase: "ended", openCalls: [], message }
  }
  return { ...base, ...(last.type === "user" ? judgePrompt(last) : judgeAnswer(last)) }
}

const [refused, through] = [
  "its last tool call was refused or cancelled",
  "a tool is through, and the model has not answered yet",
]

/** What a tool returned is written as a message of the user. */
function judgePrompt({ content }: Fields): Pick<Turn, "phase" | "openCalls" | "message"> {
  const results = partsOf(content).flatMap(({ functionResponse }) => functionResponse ?? []) as Fields[]
  if (results.length === 0)
    return { phase: "mid-turn", openCalls: [], message: "the model has not answered yet" }
  const isRefused = results.every(({ response }) =>
    /^\[Operation Cancelled\]/.test(`${fieldsOf(response).error}`),
  )
  return isRefused
    ? { phase: "ended", openCalls: [], message: refused }
    : { phase: "mid-turn", openCalls: [], message: through }
}

function judgeAnswer(last: Fields): Pick<Turn, "phase" | "openCalls" | "message"> {
  const calls = callsOf(last)
  const at = timeIn(last.timestamp)
  const asked = partsOf(last.content).flatMap(({ functionCall }) => functionCall ?? []) as Fields[]
  if (calls.length === 0 && asked.length === 0) {
    if (wordsIn(last.content).trim() !== "")
      return { phase: "ended", openCalls: [], message: "the model spoke last" }
    const openCalls = [{ tool: "a tool", at, summary: null }]
    return { phase: "mid-turn", openCalls, message: unrecorded }
  }
  const open = calls.filter(({ status, result }) => !over.has(`${status}`) && result == null)
  const unknown = calls.length > 0 ? [] : asked
  const openCalls = [...open, ...unknown].map((call): OpenCall => {
    return { tool: `${call.name}`, at: timeIn(call.timestamp) ?? at, summary: summaryOf(call) }
  })
  const [first] = openCalls
  if (first !== undefined)
    return { phase: "mid-turn", openCalls, message: `${first.tool} was called and has no result` }
  if (calls.some(({ status }) => status === "cancelled"))
    return { phase: "ended", openCalls: [], message: refused }
  return { phase: "mid-turn", openCalls: [], message: through }
}

const unrecorded =
  "the model called a tool: it runs, or waits for your permission; its client records neither, so the two cannot be distinguished"

/** One line of what a call is to do: a command, or a file. */
function summaryOf({ args }: Fields): string | null {
  const { command, file_path: file, absolute_path: path, prompt } = (args ?? {}) as Fields
  const text = [command, file, path, prompt].find((each) => typeof each === "string" && each !== "")
  return text === undefined ? null : `${text}`.replace(/\s+/g, " ").trim().slice(0, 200)
}
