import type { Part, TranscriptRecord } from "session-rescue"
import { partsOf } from "../records/records.ts"
import { messagePart } from "./message-parts.ts"

type Fields = Readonly<Record<string, unknown>>

/**
 * A prompt typed while the model works is written at once (`enqueue`), and again as a message when the model
 * receives it; if the client ends before that, this is the only record (observed, 2.1.332).
 */
export function queuedParts(record: TranscriptRecord): Part[] {
  if (record.operation !== "enqueue") return []
  const parts = contentParts(record.content).filter(({ text }) => text !== "")
  // a finished task reports to the model through the same queue (observed, 2.1.197)
  const prompts = parts.filter(({ role, text }) => role === "user" && !/^\s*<task-notification>/.test(text))
  return prompts.map((part) => ({ ...part, queued: true }))
}

/**
 * Attachments delivered to the model: a prompt typed while it worked, or a report of a task or another agent.
 */
export function deliveredParts({ commandMode, isMeta, origin, prompt }: Fields): Part[] {
  const from = (origin as Fields | undefined)?.kind ?? "human"
  if (isMeta === true) return asAttachments(prompt, "system")
  if (commandMode === "task-notification" || from === "task-notification")
    return asAttachments(prompt, "tool")
  if (from === "human") return contentParts(prompt)
  return asAttachments(
    prompt,
    ["coordinator", "observer", "auto-continuation"].includes(`${from}`) ? "system" : "user",
  )
}

function contentParts(content: unknown): Part[] {
  const message = { type: "user", message: { content } }
  return partsOf(message).flatMap((part) => messagePart(message, part))
}

function asAttachments(content: unknown, role: Part["role"]): Part[] {
  return contentParts(content).map((part) => ({ kind: "attachment", role, text: part.text }))
}
