import { callersTurn } from "../../operations/search/calling-session.ts"
import { refreshWithin } from "../../operations/search/refresh-in-time.ts"
import { startBackgroundRead } from "../../operations/search/refresh-index.ts"
import { hasWords, openIndex, runSearch } from "../../operations/search/search.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { askedMessagesDocument, askedSearchDocument } from "../../view/mcp/messages.ts"
import { type CxqQuery, parseCxqQuery, withSessionIds } from "../cxq/query.ts"
import type { Environment } from "../framework/environment.ts"
import { usageError } from "../framework/flag-values.ts"
import type { RecentQuestion, SearchQuestion } from "./inputs.ts"
import { typedAs } from "./typed.ts"

export async function answerSearch(
  { query, maxTokens, ...given }: SearchQuestion,
  look: Environment,
): Promise<object> {
  if (!hasWords(query))
    throw usageError("the query contains no searchable characters", "use recent for the newest messages")
  return answerFromIndex(typedAs(given, [query]), maxTokens, look)
}

export async function answerRecent(
  { maxTokens, limit, ...given }: RecentQuestion,
  look: Environment,
): Promise<object> {
  return answerFromIndex(typedAs({ ...given, recent: limit }), maxTokens, look)
}

async function answerFromIndex(
  typed: ReturnType<typeof typedAs>,
  maxTokens: number,
  look: Environment,
): Promise<object> {
  const { paths, ctx, warnings } = look
  const question = parseCxqQuery(await withSessionIds(typed, look), ctx)
  const freshness = await refreshWithin(paths, ctx)
  const index = openIndex(paths)
  try {
    const askedBy = (await detectAll(ctx, null)).filter(({ current }) => current !== null)
    const exclude = callersTurn(index, askedBy)
    const found = runSearch(index, withoutTurn(question, exclude))
    const about = { freshness, warnings, maxTokens }
    if (found.type !== "hits") return askedMessagesDocument(found.type === "recent" ? found.list : [], about)
    const { context } = question
    const around = (part: number) => (context === 0 ? [] : index.around(part, context, context))
    return askedSearchDocument(found.found, around, about)
  } finally {
    index.close()
    if (freshness.refresh === "in-background") await startBackgroundRead(paths)
  }
}

/** What was asked just now, and what the search itself wrote, would be found before the answer. */
function withoutTurn(question: CxqQuery, exclude: ReadonlySet<number>): CxqQuery {
  if (question.query === "" || exclude.size === 0) return question
  return { ...question, filters: { ...question.filters, exclude } }
}
