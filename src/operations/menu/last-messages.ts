import { KiB } from "../../domain/bytes.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { readConversation } from "../../pipeline/indexing/conversation.ts"
import { liveSources } from "../../pipeline/indexing/sources.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { asShownByClient } from "../search/shown-items.ts"

export interface ShortMessage {
  readonly role: "user" | "assistant"
  readonly text: string
}

/** A preview reads no more than the end of a transcript, however long that is. */
const tailBytes = 512 * KiB
const maxTextLength = 600

/** The last prompts and answers of the conversation itself, oldest first; fewer where its end is taken up by tool output. */
export async function readLastMessages(
  found: FoundSession,
  count: number,
  ctx: RunContext,
): Promise<readonly ShortMessage[]> {
  const read = builtInDetectPlugins().find(({ agent }) => agent === found.agent)?.readRecord
  const transcript = liveSources(found, ctx).find(({ document }) => document === "")
  if (read === undefined || transcript === undefined) return []
  const start = Math.max(0, transcript.size - tailBytes)
  const tail = {
    ...transcript,
    size: transcript.size - start,
    open: (from: number, length?: number) => transcript.open(start + from, length),
  }
  const messages: ShortMessage[] = []
  for await (const item of asShownByClient(readConversation([tail], read, ctx.signal), () => false)) {
    if (item.type !== "part" || item.subagent !== null || item.part.kind !== "text") continue
    const { role, text } = item.part
    if (role !== "user" && role !== "assistant") continue
    messages.push({ role, text: text.slice(0, maxTextLength) })
    if (messages.length > count) messages.shift()
  }
  return messages
}
