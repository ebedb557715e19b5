import { resolve } from "node:path"
import type { Freshness } from "../../domain/conversation/freshness.ts"
import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { askedInside, keptTo } from "../../operations/search/asked-inside.ts"
import {
  type Answer,
  type Around,
  ask,
  hasWords,
  type IndexReader,
  isEmpty,
} from "../../operations/search/search.ts"
import { cxqDocument } from "../../view/search/json.ts"
import { showAnswer } from "../../view/search/results.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import type { Environment } from "../framework/environment.ts"
import type { Question } from "./query.ts"

export function answerQuestion(
  index: IndexReader,
  question: Question,
  freshness: Freshness,
  environment: Environment,
): ExitCode {
  const { query, context } = question
  if (query !== "" && !hasWords(query)) throw notFound(query, null, "there is no letter and no digit in it")
  const asked = askedHere(index, question, environment)
  const found = ask(index, asked.question)
  if (isEmpty(found)) {
    const offered = found.is === "hits" ? found.found.offered : []
    const others = asked.scope === null ? 0 : countOf(ask(index, { ...question, limit: 1 }))
    throw notFound(query, asked.scope, known(offered, others, freshness))
  }
  const around: Around = (part) => (context === 0 ? [] : index.around(part, context, context))
  show(found, around, question, { freshness, scope: asked.scope }, environment)
  return exitCodes.done
}

/** Asked by a client, it is about that one's project, and not about the question itself. */
function askedHere(index: IndexReader, question: Question, { ctx }: Environment) {
  const inside = askedInside(index, ctx, resolve("."))
  if (inside === null) return { question, scope: null }
  const filters = question.query === "" ? question.filters : { ...question.filters, besides: inside.turn }
  const kept = question.everywhere ? null : keptTo(filters, inside)
  return { question: { ...question, filters: kept ?? filters }, scope: kept === null ? null : inside.folder }
}

function show(
  found: Answer,
  around: Around,
  question: Question,
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

function countOf(found: Answer): number {
  return found.is === "hits" ? found.found.total : found.list.length
}

function known(offered: readonly string[], others: number, { refresh }: Freshness): string {
  if (others > 0) return `in other projects there is some: add --everywhere`
  if (offered.length > 0) return `words that are there: ${offered.join(", ")}`
  if (refresh !== "done")
    return "session-rescue cxq --fresh reads what is newest first; fewer words or filters find more"
  return "fewer words or filters find more"
}

function notFound(query: string, scope: string | null, hint: string): RescueError {
  const where = scope === null ? "nothing fits" : `nothing in ${scope} and below fits`
  return new RescueError("NOTHING_FOUND", query === "" ? where : `${where}: ${query}`, hint)
}
