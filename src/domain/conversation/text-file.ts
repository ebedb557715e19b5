import type { Part } from "./message-part.ts"

/**
 * A piece of a file that is text, not records: tool output that a client saved, or, where it is the transcript itself, what
 * the agent has logged of a conversation without marking each speaker in a way that a machine could tell.
 */
export function textFilePart(document: string, text: string): Part {
  return document === ""
    ? { kind: "text", role: "assistant", text }
    : { kind: "tool_result", role: "tool", text }
}
