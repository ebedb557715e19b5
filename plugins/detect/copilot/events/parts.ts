/** Message parts: the text of events, for the index and for display. */
import {
  type Fields,
  fieldsOf,
  isOwnCall,
  leavesOf,
  type Part,
  type RecordParts,
  type TranscriptRecord,
  textIn,
} from "session-rescue"
import { commandIn, dataOf, resultText, timeOf, toolIn } from "./events.ts"
import { firstPrompt, isTyped } from "./title.ts"
import { readAnswerUsage } from "./usage.ts"

/**
 * Kinds of events without text of the conversation, or with text that others have, too: all that are not among `known`
 * (1.0.102, observed, and its schema). An event of another kind is unknown.
 */
const kinds =
  /^(session|system|user|assistant|tool|tool_search|subagent|skill|model|hook|permission|command|commands|capabilities|mcp|mcp_app|external_tool|pending_messages|user_input|elicitation|exit_plan_mode|sampling|sandbox|agent|auto_mode_switch|human_response)\.|^(abort|prompt_cache_break)$/

export function readParts(event: TranscriptRecord, _document: string): RecordParts | null {
  const data = dataOf(event)
  const type = textIn(event.type)
  const parts = type === null ? [] : partsIn(type, event, data)
  const usage = readAnswerUsage(event)
  const context = fieldsOf(data.context)
  const cwd = textIn(context.cwd) ?? (type === "session.context_changed" ? textIn(data.cwd) : null)
  const title = type === "session.title_changed" ? textIn(data.title) : null
  if (parts.length === 0 && usage === null && cwd === null && title === null) return null
  const isKnown = type === null || kinds.test(type)
  return {
    id: textIn(event.id),
    session: null,
    time: timeOf(event),
    cwd,
    branch: textIn(context.branch),
    model: textIn(data.model) ?? textIn(data.selectedModel),
    subagent: textIn(event.agentId) ?? textIn(data.parentToolCallId),
    parts,
    usage: usage === null ? null : { ...usage },
    title: title === null ? null : { text: title, rank: 1 },
    ...(type === "user.message" ? { prompt: () => firstPrompt([event]) } : {}),
    ...(isKnown ? {} : { unknown: type }),
  }
}

const known = new Set([
  "user.message",
  "assistant.message",
  "assistant.reasoning",
  "tool.execution_complete",
  "tool.user_requested",
  "session.compaction_complete",
  "session.error",
  "session.warning",
  "session.task_complete",
  "session.handoff",
  "session.plan_changed",
  "system.notification",
  "skill.invoked",
  "subagent.started",
  "subagent.failed",
  "user_input.requested",
  "elicitation.requested",
  "exit_plan_mode.requested",
])

function partsIn(type: string, event: TranscriptRecord, data: Fields): Part[] {
  switch (type) {
    case "user.message":
      return userParts(event, data)
    case "assistant.message":
      return assistantParts(data)
    case "assistant.reasoning":
      return textParts("thinking", "assistant", data.content)
    case "tool.execution_complete":
      return resultParts(data)
    case "tool.user_requested":
      return [callPart(data, data.arguments)]
    case "session.compaction_complete":
      return [
        { kind: "compaction", role: "system", text: textIn(data.summaryContent) ?? "Conversation compacted" },
      ]
    case "session.error":
      return textParts("text", "system", data.message).map((part) => ({ ...part, isError: true }))
    case "user_input.requested":
    case "elicitation.requested":
      return textParts("text", "assistant", data.question ?? data.message)
    default: {
      if (!known.has(type) && kinds.test(type)) return []
      const leaves = leavesOf(data)
      return known.has(type) || leaves.some((each) => /\s/.test(each))
        ? textParts("text", "system", leaves.join("\n"))
        : []
    }
  }
}

function textParts(kind: Part["kind"], role: Part["role"], value: unknown): Part[] {
  const text = textIn(value)
  return text === null ? [] : [{ kind, role, text }]
}

/** `content` is what was typed; what the client sent instead repeats it, with words of its own around it. */
function userParts(event: TranscriptRecord, data: Fields): Part[] {
  const attached = Array.isArray(data.attachments) ? data.attachments.map(fieldsOf) : []
  const names = attached.flatMap((each) => textIn(each.path) ?? textIn(each.displayName) ?? [])
  const texts = attached.flatMap((each) => textIn(each.text) ?? [])
  return [
    ...textParts("text", isTyped(event) ? "user" : "system", data.content),
    ...textParts("attachment", "user", [...names, ...texts].join("\n")),
  ]
}

function assistantParts(data: Fields): Part[] {
  const calls = Array.isArray(data.toolRequests) ? data.toolRequests.map(fieldsOf) : []
  return [
    ...textParts("thinking", "assistant", data.reasoningText),
    ...textParts("text", "assistant", data.content),
    ...calls.map((call) => callPart(call, call.arguments)),
  ]
}

const fileKeys = ["path", "file_path", "fileName"]

function callPart(call: Fields, input: unknown): Part {
  const command = commandIn(input)
  const { command: _, ...rest } = fieldsOf(input)
  const words =
    typeof input === "string" ? [input] : command === null ? leavesOf(input) : [command, ...leavesOf(rest)]
  const files = fileKeys.flatMap((key) => textIn(fieldsOf(input)[key]) ?? [])
  const tool = toolIn(call)
  const ours = isOwnCall(tool, command)
  return {
    kind: "tool_use",
    role: "assistant",
    tool,
    text: words.join("\n"),
    ...callId(call),
    ...(command === null ? {} : { command }),
    ...(files.length === 0 ? {} : { files }),
    ...(ours ? { bySessionRescue: true } : {}),
  }
}

function resultParts(data: Fields): Part[] {
  const failed = data.success === false ? ({ isError: true } as const) : {}
  return [{ kind: "tool_result", role: "tool", text: resultText(data), ...callId(data), ...failed }]
}

function callId({ toolCallId }: Fields): { call?: string } {
  const call = textIn(toolCallId)
  return call === null ? {} : { call }
}
