/** How a session stands, and what is said in its messages (3.0.65, observed). */
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

function blocksOf({ content }: Fields): readonly Fields[] {
  if (typeof content === "string") return [{ type: "text", text: content }]
  return Array.isArray(content) ? content.map(fieldsOf) : []
}

/** `status`: of its record, which is the only one to tell a turn whose first answer did not come yet. */
export function readTurn(messages: readonly Fields[], status: string | null, writtenAt: number | null): Turn {
  const openCalls = openCallsIn(messages)
  const last = messages.at(-1)
  const saidAt = greatest(messages.flatMap(({ ts }) => timeIn(ts) ?? []))
  if (status === "running") {
    const at = greatest([saidAt, writtenAt].flatMap((each) => each ?? []))
    const [call] = openCalls
    const message =
      call === undefined
        ? "its record says running, and the model has not answered yet"
        : `its record says running, and ${call.tool} has no result`
    return { phase: "mid-turn", openCalls, lastRecordAt: at, lastMessageAt: at, message }
  }
  const base = { openCalls: [], lastRecordAt: saidAt, lastMessageAt: saidAt }
  if (status !== null) return { ...base, phase: "ended", message: `its record says ${status}` }
  if (last === undefined) return { ...base, phase: "unknown", message: "neither record nor message was read" }
  const isOver = last.role === "assistant" && openCalls.length === 0
  return isOver
    ? { ...base, phase: "ended", message: "the model spoke last" }
    : { ...base, openCalls, phase: "mid-turn", message: "the model was to speak next; its record is missing" }
}

function openCallsIn(messages: readonly Fields[]): readonly OpenCall[] {
  const open = new Map<string, OpenCall>()
  for (const message of messages)
    for (const block of blocksOf(message)) {
      if (block.type === "tool_result") open.delete(`${block.tool_use_id}`)
      if (block.type === "tool_use")
        open.set(`${block.id}`, {
          tool: textIn(block.name) ?? "a tool",
          at: timeIn(message.ts),
          summary: lineIn(commandIn(block.input) ?? leavesOf(block.input ?? "")[0]),
        })
    }
  return [...open.values()]
}

function commandIn(input: unknown): string | null {
  const { commands, command } = fieldsOf(input)
  if (typeof command === "string") return command
  const texts = Array.isArray(commands)
    ? commands.flatMap((each) => textIn(each) ?? textIn(fieldsOf(each).command) ?? [])
    : []
  return texts.length === 0 ? null : texts.join("\n")
}

/** The client wraps what was typed, and puts notices of its own beside it. */
function typedIn(text: string): { readonly typed: string; readonly isTyped: boolean } {
  const [, typed] = /<user_input[^>]*>([\s\S]*?)<\/user_input>/.exec(text) ?? []
  return { typed: typed ?? text, isTyped: typed !== undefined }
}

function promptIn(message: Fields): string | null {
  if (message.role !== "user") return null
  const texts = blocksOf(message).flatMap(({ type, text }) => (type === "text" ? (textIn(text) ?? []) : []))
  return texts.map((text) => lineIn(typedIn(text).typed)).find((line) => line !== null) ?? null
}

export function firstPrompt(messages: readonly Fields[]): string | null {
  return messages.map(promptIn).find((line) => line !== null) ?? null
}

export const usageMark = '"metrics"'

/** Of an answer: its input holds what was read from the cache. null where none was counted. */
export function readAnswerUsage(message: Fields): AnswerUsage | null {
  const metrics = fieldsOf(message.metrics)
  const [input, output] = [numberIn(metrics.inputTokens), numberIn(metrics.outputTokens)]
  if (message.role !== "assistant" || input === null || output === null) return null
  const cacheRead = numberIn(metrics.cacheReadTokens) ?? 0
  const cacheWrite = numberIn(metrics.cacheWriteTokens) ?? 0
  return {
    answer: textIn(message.id) ?? "",
    time: timeIn(message.ts),
    model: textIn(fieldsOf(message.modelInfo).id),
    cwd: null,
    ...{ input: Math.max(0, input - cacheRead - cacheWrite), cacheWrite, cacheRead, output },
  }
}

export function readParts(record: TranscriptRecord, document: string): RecordParts | null {
  if (record.role !== "user" && record.role !== "assistant") return null
  const parts = blocksOf(record).flatMap((block) => partOf(block, `${record.role}`))
  const usage = readAnswerUsage(record)
  if (parts.length === 0 && usage === null) return null
  const subagent = /\/(agent_[^/]+)\.messages\.json$/.exec(document)?.[1] ?? null
  return {
    id: textIn(record.id),
    session: null,
    time: timeIn(record.ts),
    cwd: null,
    branch: null,
    model: usage?.model ?? null,
    subagent,
    parts,
    usage: usage === null ? null : { ...usage },
    title: null,
    mayRepeat: true,
    ...(record.role === "user" ? { prompt: () => promptIn(record) } : {}),
  }
}

function partOf(block: Fields, speaker: string): Part[] {
  const text = textIn(block.text) ?? textIn(block.thinking)
  if (block.type === "tool_use") return [callPart(block)]
  if (block.type === "tool_result") return [resultPart(block)]
  if (text === null)
    return block.type === "image"
      ? [{ kind: "attachment", role: speaker === "user" ? "user" : "assistant", text: "image" }]
      : []
  if (block.type !== "text") return [{ kind: "thinking", role: "assistant", text }]
  if (speaker === "assistant") return [{ kind: "text", role: "assistant", text }]
  const { typed, isTyped } = typedIn(text)
  return [{ kind: "text", role: isTyped || !text.startsWith("<") ? "user" : "system", text: typed }]
}

function callPart({ id, name, input }: Fields): Part {
  const command = commandIn(input)
  const { commands: _, command: __, ...rest } = fieldsOf(input)
  const words = command === null ? leavesOf(input ?? "") : [command, ...leavesOf(rest)]
  const file = textIn(fieldsOf(input).path) ?? textIn(fieldsOf(input).file_path)
  return {
    kind: "tool_use",
    role: "assistant",
    tool: textIn(name) ?? "a tool",
    text: words.join("\n"),
    call: `${id}`,
    ...(command === null ? {} : { command }),
    ...(isOwnCall(`${name}`, command) ? { bySessionRescue: true } : {}),
    ...(file === null ? {} : { files: [file] }),
  }
}

function resultPart({ tool_use_id: call, name, content, is_error: isError }: Fields): Part {
  const tool = textIn(name)
  return {
    kind: "tool_result",
    role: "tool",
    text: textIn(content) ?? leavesOf(content ?? "").join("\n"),
    call: `${call}`,
    ...(tool === null ? {} : { tool }),
    ...(isError === true ? { isError: true } : {}),
  }
}
