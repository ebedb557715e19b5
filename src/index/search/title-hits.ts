import { fold } from "../../domain/fold.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { matchOf, phrasesOf, type Query } from "../query/ast.ts"
import { everyRowExpression, type Filters, filterExpressions } from "../query/filters.ts"
import { exclusionsOf } from "../terms/terms.ts"
import { spaceCjkText } from "../text/tokenizer.ts"
import { selectsParts } from "./narrow.ts"
import { matchesText, Titles } from "./titles.ts"

/** Maximum number of sessions found by title, the newest. */
const maxTitleHits = 30

/**
 * Parts representing sessions whose title matches, when the part itself need not match. `textOf`: the beginning of a
 * part's text.
 */
export function titleHits(
  database: Database,
  query: Query,
  filters: Filters,
  textOf: (part: number) => string,
): readonly number[] {
  if (selectsParts(filters)) return []
  const words = filterExpressions(database, filters)
  const asked = phrasesOf(query).flatMap((phrase) => phrase.words)
  if (words === null || asked.length === 0) return []
  const titles = new Titles(database)
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = filters
  const stands = database.query<unknown, [string, number]>(
    "select 1 from search where search match ? and rowid = ?",
  )
  // the full-text table reads all words of a beginning, even to compare one row
  const holds = (each: Query, part: number) =>
    phrasesOf(each).some(({ prefix }) => prefix)
      ? matchesText(each, spaceCjkText(fold(textOf(part))))
      : stands.get(matchOf(each, everyRowExpression), part) !== null
  return titles
    .holding(asked)
    .filter(({ folded }) => matchesText(query, folded))
    .slice(0, maxTitleHits)
    .flatMap(({ session }) => titles.firstPart(session, words, { from: since, to: until }) ?? [])
    .filter(
      (part) =>
        !filters.exclude?.has(part) &&
        !holds(query, part) &&
        !exclusionsOf(query).some((each) => holds(each, part)),
    )
}
