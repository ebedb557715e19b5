import type { ShownItem, ShownPart } from "../../pipeline/indexing/conversation.ts"

/**
 * A conversation as its client shows it: without client texts, except compactions and errors; without titles; and with
 * a queued prompt once, where the model received it, or at the end if it never did.
 */
export async function* asShownByClient(
  items: AsyncIterable<ShownItem>,
  isWanted: (item: ShownItem) => boolean,
): AsyncGenerator<ShownItem> {
  const waiting = new Map<string, ShownPart>()
  for await (const item of items) {
    if (item.type === "document") {
      yield* waiting.values()
      waiting.clear()
    }
    if (item.type === "part") {
      const { part } = item
      if (isWanted(item)) {
        yield item
        continue
      }
      if (part.queued === true) {
        waiting.set(part.text, item)
        continue
      }
      if (!isShownByClient(item)) continue
      if (part.role === "user") waiting.delete(part.text)
    }
    yield item
  }
  yield* waiting.values()
}

/** Whether the client shows a part at all. */
export function isShownByClient({ part, time }: ShownPart): boolean {
  if (part.kind === "title") return false
  if (part.kind === "summary") return time !== null // a compaction's summary; others only name the session
  return part.role !== "system" || part.kind === "compaction" || part.isError === true
}

/** The last `count` prompts and answers of the conversation, with everything in between; no other files. */
export async function* lastMessages(
  items: AsyncIterable<ShownItem>,
  count: number,
): AsyncGenerator<ShownItem> {
  let turns: ShownItem[][] = [[]] // items before the first message, then each message with the items after it
  for await (const item of items) {
    if (item.type === "document") break
    if (isMessage(item)) turns.push([])
    turns.at(-1)?.push(item)
    if (turns.length > count) turns = turns.slice(-count)
  }
  yield* turns.flat()
}

function isMessage(item: ShownItem): boolean {
  if (item.type !== "part" || item.subagent !== null || item.part.kind !== "text") return false
  return item.part.role === "user" || item.part.role === "assistant"
}

/** Enough of a text for any view that cuts. */
const maxTextChars = 40_000

/** With the beginnings of long texts: a conversation may be larger than memory. */
export async function* shortened(items: AsyncIterable<ShownItem>): AsyncGenerator<ShownItem> {
  for await (const item of items) {
    if (item.type !== "part" || item.part.text.length <= maxTextChars) yield item
    else yield { ...item, part: { ...item.part, text: item.part.text.slice(0, maxTextChars) } }
  }
}
