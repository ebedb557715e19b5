import type { Readable, ShownItem } from "../../operations/search/show.ts"
import { isHit } from "../render/entries.ts"
import { tokensIn } from "../search/part.ts"
import { iso } from "../terminal/json.ts"
import { oneLine, quoted } from "./answer.ts"

interface AskedConversation {
  /** Tool calls and results at length. */
  readonly tools: boolean
  readonly maxTokens: number
  readonly warnings: readonly string[]
}

interface Message {
  readonly isHit: boolean
  readonly tokens: number
  readonly facts: object
}

/** In the order in which it was recorded. Where not all fits, the newest stay, or those nearest to the hit. */
export async function askedConversation(
  { id, agent, from, path, hit, items }: Readable,
  { tools, maxTokens, warnings }: AskedConversation,
) {
  const messages: Message[] = []
  const left = { before: 0, after: 0 }
  let tokens = 0
  for await (const item of items) {
    const facts = factsOf(item, tools)
    const message = { facts, tokens: tokensIn(JSON.stringify(facts)), isHit: isHit(item, hit) }
    messages.push(message)
    tokens += message.tokens
    while (tokens > maxTokens && messages.length > 1) {
      const side = messages[0]?.isHit || isFarBehind(messages) ? "after" : "before"
      const dropped = side === "after" ? messages.pop() : messages.shift()
      tokens -= dropped?.tokens ?? 0
      left[side]++
    }
  }
  return {
    session: id,
    agent,
    from,
    path: oneLine(path),
    leftOut: left,
    messages: messages.map(({ facts }) => facts),
    warnings: warnings.map(oneLine),
  }
}

/** Whether more follows the hit than precedes it. */
function isFarBehind(messages: readonly Message[]): boolean {
  const at = messages.findIndex((each) => each.isHit)
  return at !== -1 && messages.length - 1 - at > at
}

const maxTextTokens = 600
const maxLineTokens = 60

function factsOf(item: ShownItem, tools: boolean): object {
  if (item.type === "document") return { file: oneLine(item.document), of: item.owner ?? "this session" }
  if (item.type === "damaged")
    return { damaged: `${item.length} bytes at ${item.offset} cannot be read: ${oneLine(item.why)}` }
  if (item.type === "usage") return {} // is not asked for here
  const { part, time, subagent } = item
  const { role, kind, tool, isError, command, text } = part
  const isTool = kind === "tool_use" || kind === "tool_result"
  const isShort = kind === "thinking" || (isTool && !tools)
  return {
    role,
    kind,
    time: iso(time),
    ...(tool === undefined ? {} : { tool: oneLine(tool) }),
    ...(isError === true ? { failed: true } : {}),
    ...(subagent === null ? {} : { subagent: oneLine(subagent) }),
    text: quoted(isShort ? (command ?? text) : text, isShort ? maxLineTokens : maxTextTokens),
  }
}
