import type { Freshness } from "../../domain/conversation/freshness.ts"
import type { Around, Hit, IndexedPart, QuestionAnswer } from "../../operations/search/search.ts"
import { freshnessDocument } from "../search/freshness.ts"
import { tokensIn } from "../search/part.ts"
import { iso } from "../terminal/json.ts"
import { fitting, oneLine, quoted } from "./answer.ts"

interface Asked {
  readonly freshness: Freshness
  readonly warnings: readonly string[]
  readonly maxTokens: number
}

/** A hit is whole up to this length; of a longer one, the place that matches is shown. */
const maxHitTokens = 160
const maxContextTokens = 80
const maxMessageTokens = 400

/** Best first. */
export function askedSearchDocument(
  { hits, total, totalIsExact, match, corrected, dropped, absent, suggested }: QuestionAnswer,
  around: Around,
  asked: Asked,
) {
  const shown = fitting(
    hits.map((hit) => hitFacts(hit, around)),
    asked.maxTokens,
  )
  const how = { match, corrected, dropped, absent, ...(hits.length === 0 ? { similar: suggested } : {}) }
  return {
    hits: shown,
    total,
    totalIsExact,
    leftOut: hits.length - shown.length,
    ...how,
    ...aboutIndex(asked),
  }
}

/** The oldest first; where not all fit, the newest stay. */
export function askedMessagesDocument(list: readonly IndexedPart[], asked: Asked) {
  const newest = list.toReversed().map((part) => messageFacts(part, maxMessageTokens))
  const messages = fitting(newest, asked.maxTokens).toReversed()
  return { messages, leftOut: list.length - messages.length, ...aboutIndex(asked) }
}

function aboutIndex({ freshness, warnings }: Asked) {
  return { index: freshnessDocument(freshness), warnings: warnings.map(oneLine) }
}

function hitFacts(hit: Hit, around: Around) {
  const context = around(hit.part)
  const isShort = tokensIn(hit.text) <= maxHitTokens
  return {
    ...messageFacts(hit, maxHitTokens),
    ...(isShort ? {} : { text: `…${hit.snippet.text}…` }),
    ...(hit.missing.length === 0 ? {} : { missing: hit.missing, elsewhere: hit.elsewhere }),
    ...(context.length === 0 ? {} : { context: context.map((part) => messageFacts(part, maxContextTokens)) }),
  }
}

function messageFacts(part: IndexedPart, tokens: number) {
  const { session, agent, role, kind, tool, isError, subagent } = part
  return {
    part: part.part,
    session,
    agent,
    title: oneLine(part.title),
    folder: oneLine(part.project),
    time: iso(part.time),
    role,
    kind,
    ...(tool === null ? {} : { tool: oneLine(tool) }),
    ...(isError ? { failed: true } : {}),
    ...(subagent === null ? {} : { subagent: oneLine(subagent) }),
    text: quoted(part.text, tokens),
  }
}
