import { type Fields, fieldsOf, greatest, numberIn, type OpenCall, type Turn, textIn } from "session-rescue"
import { type Message, type MessagePart, summaryOf } from "./records.ts"

/**
 * A turn ends with an answer that has `time.completed` and a `finish` other than `tool-calls`, or an `error`. A killed
 * client leaves neither, and its tools `running` forever (1.18.33, observed).
 */
export function readTurn(last: Message | null, parts: readonly MessagePart[]): Turn {
  if (last === null)
    return { phase: "unknown", openCalls: [], lastRecordAt: null, message: "no message was read" }
  const { data } = last
  const time = fieldsOf(data.time)
  const completed = numberIn(time.completed)
  const spoken = greatest([
    ...[last.at, numberIn(time.created), completed].flatMap((each) => each ?? []),
    ...parts.flatMap(({ at }) => at ?? []),
  ])
  const base = { lastRecordAt: spoken, lastMessageAt: spoken }
  if (data.role !== "assistant")
    return { ...base, phase: "mid-turn", openCalls: [], message: "the model has not answered yet" }
  const failure = textIn(fieldsOf(data.error).name)
  if (failure !== null)
    return { ...base, phase: "ended", openCalls: [], message: `its last turn ended with ${failure}` }
  const finish = textIn(data.finish)
  if (completed !== null && finish !== "tool-calls")
    return {
      ...base,
      phase: "ended",
      openCalls: [],
      message: `its last turn ended (${finish ?? "completed"})`,
    }
  const openCalls = parts.flatMap(({ data: part }) => openCallIn(part))
  return { ...base, phase: "mid-turn", openCalls, message: describeOpen(parts) }
}

function openCallIn(part: Fields): readonly OpenCall[] {
  const state = fieldsOf(part.state)
  if (part.type !== "tool" || (state.status !== "running" && state.status !== "pending")) return []
  const at = numberIn(fieldsOf(state.time).start)
  return [{ tool: textIn(part.tool) ?? "a tool", at, summary: summaryOf(state.input) }]
}

function describeOpen(parts: readonly MessagePart[]): string {
  const running = parts.map(({ data }) => data).find((part) => openCallIn(part).length > 0)
  if (running === undefined) return "its last answer is not complete"
  const tool = textIn(running.tool) ?? "a tool"
  return mayWait(running)
    ? `${tool} was called and has not begun to put anything out`
    : `${tool} runs and has put something out`
}

/** A tool that waits for a permission is `running`, and has no `metadata` yet (1.18.33, observed). */
function mayWait(part: Fields): boolean {
  const state = fieldsOf(part.state)
  return state.status === "running" && Object.keys(fieldsOf(state.metadata)).length === 0
}
