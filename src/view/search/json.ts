import type { Freshness } from "../../domain/conversation/freshness.ts"
import type { Answer, Around, Failure, Hit, IndexedPart } from "../../operations/search/search.ts"
import { iso, schemaVersion } from "../terminal/json.ts"
import { freshnessDocument } from "./freshness.ts"
import { countFitting, tokensIn } from "./part.ts"

export function cxqDocument(
  answer: Answer,
  around: Around,
  { warnings, freshness, scope }: AnswerContext,
  maxTokens: number | null = null,
) {
  const about = { index: freshnessDocument(freshness), scope, warnings }
  switch (answer.type) {
    case "hits": {
      const { total, totalIsExact, match, corrected, dropped, absent, suggested } = answer.found
      const how = { match, corrected, dropped, absent, suggested }
      const hits = first(answer.found.hits, ({ text }) => text, maxTokens)
      const found = hits.map((hit) => hitFacts(hit, around))
      return { schemaVersion, hits: found, total, totalIsExact, ...how, ...about }
    }
    case "recent": {
      const list = newestWithin(answer.list, maxTokens)
      const messages = list.map((part) => hitFacts(asHit(part), () => []))
      const tokens = list.reduce((sum, part) => sum + tokensIn(part.text), 0)
      return { schemaVersion, hits: messages, total: messages.length, tokens, ...about }
    }
    case "commands": {
      const list = first(answer.list, ({ call, result }) => call.text + (result?.text ?? ""), maxTokens)
      const commands = list.map(({ call, result }) => ({
        ...partFacts(call),
        command: call.command,
        outcome: result === null ? "unknown" : result.isError ? "failed" : "ok",
        result: result === null ? null : partFacts(result),
      }))
      return { schemaVersion, commands, total: answer.list.length, ...about }
    }
    case "errors": {
      const said = ({ result, call, next }: Failure) =>
        [result, ...next].map(({ text }) => text).join("") + (call?.text ?? "")
      const failures = first(answer.list, said, maxTokens).map(({ result, call, next }) => ({
        ...partFacts(result),
        call: call === null ? null : partFacts(call),
        next: next.map(partFacts),
      }))
      return { schemaVersion, failures, total: answer.list.length, ...about }
    }
    case "files": {
      const files = first(answer.list, ({ path }) => path, maxTokens).map((file) => ({
        ...file,
        last: iso(file.last),
      }))
      return { schemaVersion, files, total: answer.list.length, ...about }
    }
  }
}

/** Context of every answer. */
export interface AnswerContext {
  readonly warnings: readonly string[]
  readonly freshness: Freshness
  /** The folder to which the query was restricted because it came from there; null: not restricted. */
  readonly scope: string | null
}

/** The first entries that fit. */
function first<T>(list: readonly T[], text: (each: T) => string, maxTokens: number | null): readonly T[] {
  return list.slice(0, countFitting(list.map(text), maxTokens))
}

/** The newest entries that fit, but at least one. */
function newestWithin(list: readonly IndexedPart[], maxTokens: number | null): readonly IndexedPart[] {
  let tokens = 0
  const first = list.findLastIndex((part, index) => {
    tokens += tokensIn(part.text)
    return maxTokens !== null && tokens > maxTokens && index < list.length - 1
  })
  return list.slice(first + 1)
}

/** Presents a recent part as a hit, so that readers of the JSON need only one format. */
function asHit(part: IndexedPart | Hit): Hit {
  if ("snippet" in part) return part
  const text = part.text.slice(0, 640).replace(/\s+/g, " ").slice(0, 160).toWellFormed()
  return { ...part, score: 0, snippet: { text, marks: [] }, titleSnippet: null, missing: [], elsewhere: [] }
}

function hitFacts(hit: Hit, around: Around) {
  const context = around(hit.part)
  const { text, marks } = hit.snippet
  return {
    ...partFacts(hit),
    snippet: text,
    marks,
    score: hit.score,
    titleSnippet: hit.titleSnippet,
    missing: hit.missing,
    elsewhere: hit.elsewhere,
    ...(context.length === 0 ? {} : { context: context.map(partFacts) }),
  }
}

function partFacts(part: IndexedPart) {
  const { path, place, document, export: exported, offset, length, gone } = part.source
  return {
    session: part.session,
    agent: part.agent,
    project: part.project,
    title: part.title,
    branch: part.branch,
    model: part.model,
    subagent: part.subagent,
    time: iso(part.time),
    role: part.role,
    kind: part.kind,
    tool: part.tool,
    isError: part.isError,
    text: part.text,
    part: part.part,
    source: { path, place, document, export: exported, offset, length, gone },
  }
}
