/** What the real API answers with an error 400, each time the conversation is sent [public]: the words are its own. */
import type { Message } from "./mock-script.ts"

interface Part {
  type?: string
  text?: string
  id?: string
  tool_use_id?: string
  content?: unknown
  source?: { type?: string; data?: string }
}

/** Why this request is refused; null when it is taken. */
export function reasonRefused(body: string, messages: readonly Message[]): string | null {
  // a pair is two escapes that follow each other; whatever else is in that range is half of one
  const halves = body.replace(/\\\\/g, "").replace(/\\ud[89ab]..\\ud[c-f]../gi, "")
  if (/\\ud[89a-f]../i.test(halves)) return "The request body is not valid JSON: no low surrogate in string"
  for (const [index, { content }] of messages.entries()) {
    if (content.length === 0) return `messages.${index}: all messages must have non-empty content`
    const parts = partsOf(content)
    const empty = [...parts, ...parts.flatMap((part) => partsOf(part.content))]
    if (empty.some(({ type, text }) => type === "text" && text === ""))
      return `messages.${index}: text content blocks must be non-empty`
    if (empty.some(isBadImage)) return `messages.${index}: Could not process image`
    const unpaired = reasonUnpaired(parts, messages[index - 1], messages[index + 1])
    if (unpaired !== null) return `messages.${index}: ${unpaired}`
  }
  return null
}

function partsOf(content: unknown): readonly Part[] {
  return Array.isArray(content) ? (content as Part[]) : []
}

function reasonUnpaired(parts: readonly Part[], before?: Message, behind?: Message): string | null {
  const answered = new Set(partsOf(behind?.content).map((part) => part.tool_use_id))
  const called = new Set(partsOf(before?.content).map((part) => part.id))
  if (parts.some(({ type, id }) => type === "tool_use" && !answered.has(id)))
    return "`tool_use` ids were found without `tool_result` blocks immediately after"
  if (parts.some((part) => part.type === "tool_result" && !called.has(part.tool_use_id)))
    return "unexpected `tool_use_id` found in `tool_result` blocks"
  return null
}

function isBadImage({ type, source }: Part): boolean {
  if (type !== "image" || source?.type !== "base64") return false
  return Buffer.from(source.data ?? "", "base64").toString("latin1", 1, 4) !== "PNG"
}
