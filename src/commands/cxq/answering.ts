import { resolve } from "node:path"
import type { Freshness } from "../../domain/conversation/freshness.ts"
import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { callingSession, scopedTo } from "../../operations/search/calling-session.ts"
import {
  type Answer,
  type Around,
  hasWords,
  type IndexReader,
  isEmpty,
  runSearch,
} from "../../operations/search/search.ts"
import { cxqDocument } from "../../view/search/json.ts"
import { showAnswer } from "../../view/search/results.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import type { Environment } from "../framework/environment.ts"
import type { CxqQuery } from "./query.ts"

export function answerQuery(
  index: IndexReader,
  question: CxqQuery,
  freshness: Freshness,
  environment: Environment,
): ExitCode {
  const { query, context } = question
  if (query !== "" && !hasWords(query))
    throw nothingFound(query, null, "the query contains no searchable characters")
  const asked = scopeQuery(index, question, environment)
  const found = runSearch(index, asked.question)
  if (isEmpty(found)) {
    if (freshness.refresh === "done" && index.stats().parts === 0) throw nothingIndexed()
    const offered = found.type === "hits" ? found.found.suggested : []
    const others = asked.scope === null ? 0 : totalOf(runSearch(index, { ...question, limit: 1 }))
    throw nothingFound(query, asked.scope, hintFor(offered, others, freshness))
  }
  const around: Around = (part) => (context === 0 ? [] : index.around(part, context, context))
  show(found, around, question, { freshness, scope: asked.scope }, environment)
  return exitCodes.done
}

/** A query from within a client is restricted to that session's project, and leaves out the current turn. */
function scopeQuery(index: IndexReader, question: CxqQuery, { ctx }: Environment) {
  const inside = callingSession(index, ctx, resolve("."))
  if (inside === null) return { question, scope: null }
  const filters =
    question.query === "" ? question.filters : { ...question.filters, exclude: inside.currentTurn }
  const kept = question.allProjects ? null : scopedTo(filters, inside)
  return { question: { ...question, filters: kept ?? filters }, scope: kept === null ? null : inside.folder }
}

function show(
  found: Answer,
  around: Around,
  question: CxqQuery,
  about: { readonly freshness: Freshness; readonly scope: string | null },
  { out, json, warnings, paths, ctx }: Environment,
): void {
  const view = { ...question, ...about, now: ctx.now, home: paths.home }
  if (json) {
    const document = cxqDocument(found, around, { warnings, ...about }, question.maxTokens)
    out.print(JSON.stringify(document, null, 2))
    return
  }
  showWarnings(warnings, out)
  showAnswer(found, around, view, out)
}

function totalOf(found: Answer): number {
  return found.type === "hits" ? found.found.total : found.list.length
}

function hintFor(offered: readonly string[], others: number, { refresh }: Freshness): string {
  if (others > 0) return `other projects have matches: add --everywhere`
  if (offered.length > 0) return `similar indexed words: ${offered.join(", ")}`
  if (refresh !== "done")
    return "session-rescue cxq --fresh indexes the newest text first; fewer words or filters find more"
  return "fewer words or filters find more"
}

/** Fewer words find nothing in there either. */
function nothingIndexed(): RescueError {
  const message = "nothing to search: no session was found here, and none was exported"
  return new RescueError("NOTHING_FOUND", message, "session-rescue doctor   (says which homes are searched)")
}

function nothingFound(query: string, scope: string | null, hint: string): RescueError {
  const where = scope === null ? "no matches" : `no matches in ${scope} and below`
  return new RescueError("NOTHING_FOUND", query === "" ? where : `${where} for "${query}"`, hint)
}
