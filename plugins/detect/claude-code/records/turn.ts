import type { OpenCall, TranscriptRecord, Turn } from "session-rescue"
import { callsWithoutResult } from "./open-calls.ts"
import { isMessage, partsOf, textOf, timeOf } from "./records.ts"

/**
 * The state of the conversation. Line order is not reliable: in its first turn 2.1.197 writes the answer
 * before the question (observed), so messages are sorted by their own times. `counts`: which records are
 * messages of the conversation; a subagent's own transcript has different ones.
 */
export function readTurn(records: readonly TranscriptRecord[], counts = isMessage): Turn {
  const messages = inTime(records.filter(counts))
  const lastRecordAt = records.reduce<number | null>((latest, record) => {
    const at = timeOf(record)
    return at !== null && (latest === null || at > latest) ? at : latest
  }, null)
  const last = messages.findLast((message, index) => !isLocalCommand(message, messages[index - 1]))
  if (last === undefined)
    return { phase: "unknown", openCalls: [], lastRecordAt, message: "the transcript has no message" }
  const compacted = compaction(last, records)
  if (compacted !== null)
    return { phase: compacted, openCalls: [], lastRecordAt, message: "compaction was the last record" }
  const openCalls = callsWithoutResult(messages)
  const { phase, message } = last.type === "user" ? afterUser(last) : afterAssistant(last, openCalls)
  return { phase, openCalls: phase === "ended" ? [] : openCalls, lastRecordAt, message }
}

/**
 * Whether a slice from the end contains the whole last step. The parts of one answer are separate lines, so
 * that a running call may be far before the result of another one.
 */
export function holdsLastStep(records: readonly TranscriptRecord[], counts = isMessage): boolean {
  const messages = records.filter(counts)
  const last = messages.findLast((message) => message.type === "assistant")
  return last !== undefined && messages[0] !== undefined && answerIdOf(messages[0]) !== answerIdOf(last)
}

/** The client gives all parts of one answer the same id. */
export function answerIdOf(message: TranscriptRecord): unknown {
  return message.type === "assistant" ? (message.message as { id?: unknown } | undefined)?.id : null
}

function inTime(messages: readonly TranscriptRecord[]): readonly TranscriptRecord[] {
  return messages.toSorted((a, b) => (timeOf(a) ?? 0) - (timeOf(b) ?? 0)) // stable: ties keep the file's order
}

/**
 * The records of a command that runs inside the client (`/model`, `/context`, `!ls`): it starts no turn. A
 * command that is a prompt (`/init`) first writes its message and then the prompt itself, as a meta record;
 * any other meta record is the client's own (observed in 2.1.197).
 */
function isLocalCommand(message: TranscriptRecord, before: TranscriptRecord | undefined): boolean {
  if (message.type !== "user") return false
  if (message.isMeta === true) return before === undefined || !textOf(before).startsWith("<command-message>")
  return /^(<(command-name|local-command-\w+|bash-(input|stdout|stderr))>|Caveat: The messages below)/.test(
    textOf(message),
  )
}

/** A summary made on request (`/compact`) ends the turn; after an automatic one the turn continues. */
function compaction(last: TranscriptRecord, records: readonly TranscriptRecord[]): Turn["phase"] | null {
  if (last.isCompactSummary !== true) return null
  const boundary = records.findLast((record) => record.subtype === "compact_boundary")
  const { trigger } = (boundary?.compactMetadata ?? {}) as { trigger?: unknown }
  return trigger === "manual" ? "ended" : "mid-turn"
}

function afterUser(last: TranscriptRecord): Pick<Turn, "phase" | "message"> {
  if (textOf(last).startsWith("[Request interrupted by user")) {
    return { phase: "ended", message: "the user interrupted the last turn" }
  }
  const answered = partsOf(last).some((part) => part.type === "tool_result")
  return {
    phase: "mid-turn",
    message: answered ? "a tool's result, not answered yet" : "a prompt, not answered yet",
  }
}

function afterAssistant(last: TranscriptRecord, open: readonly OpenCall[]): Pick<Turn, "phase" | "message"> {
  const reason = (last.message as { stop_reason?: unknown } | undefined)?.stop_reason
  if (last.isApiErrorMessage === true)
    return { phase: "ended", message: "the last turn ended with an API error" }
  if (open.length > 0)
    return { phase: "mid-turn", message: `${open.map((call) => call.tool).join(", ")} without a result` }
  if (reason === "tool_use") return { phase: "mid-turn", message: "a tool's call, answered" }
  if (reason === "pause_turn") return { phase: "mid-turn", message: "the model paused and will continue" }
  if (typeof reason === "string") return { phase: "ended", message: `the turn ended (${reason})` }
  // old files do not give the reason: a text then ends the turn, a thought does not
  return partsOf(last).some((part) => part.type === "text")
    ? { phase: "ended", message: "an answer without a stop reason" }
    : { phase: "mid-turn", message: "a thought, no answer yet" }
}
