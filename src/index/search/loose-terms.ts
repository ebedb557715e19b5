import type { Database } from "../../system/sqlite/database.ts"
import { matchOf, type Query } from "../query/ast.ts"
import { withoutHidden } from "../query/filters.ts"
import type { ResolvedTerm } from "../terms/resolved-terms.ts"
import { isStopWord } from "../terms/stop-words.ts"

/** A term to be looked for on its own. */
export interface LooseTerm {
  readonly term: ResolvedTerm
  readonly query: Query
  readonly match: string
  /** In how many rows it stands, counted up to `mostCounted`. */
  readonly count: number
  /** How much it tells one session from another: the rarer the more. */
  readonly weight: number
}

const maxCountedRows = 20_000
/** Of a long question, so many of the words that tell most. */
const maxTerms = 12
/** Of a longer one no more is expected than of one of so many. */
const maxExpectedTerms = 18

export interface WeightedTerms {
  /** The rarest first. */
  readonly searched: readonly LooseTerm[]
  /** What is left out: it says nothing, or there is more than enough; */
  readonly dropped: readonly string[]
  /** and what no text holds. */
  readonly absent: readonly string[]
  /** How many there are that say something, the absent among them. */
  readonly asked: number
}

/** What of it is worth being looked for. Words that hold a sentence together only where there are no others. */
export function weightTerms(database: Database, terms: readonly ResolvedTerm[]): WeightedTerms {
  const says = terms.filter(({ query }) => !isOnlyStopWords(query))
  const wanted = says.some(({ forms }) => forms.length > 0) ? says : terms
  const rows =
    database.query<{ last: number | null }, []>("select max(id) as last from part").get()?.last ?? 0
  const count = database.query<{ count: number }, [string, number]>(
    "select count(*) as count from (select 1 from search where search match ? limit ?)",
  )
  const searched = wanted
    .filter(({ forms }) => forms.length > 0)
    .map((term) => {
      const query: Query = { kind: "any", terms: term.forms }
      const match = matchOf(query, "")
      const holding = count.get(withoutHidden(match), maxCountedRows)?.count ?? 0
      return { term, query, match, count: holding, weight: Math.log(1 + (rows + 1) / (holding + 0.5)) }
    })
    .sort((a, b) => b.weight - a.weight)
    .slice(0, maxTerms)
  const kept = new Set(searched.map(({ term }) => term))
  const said = (fits: (term: ResolvedTerm) => boolean) => terms.filter(fits).map(({ typed }) => typed)
  const dropped = said((term) => term.forms.length > 0 && !kept.has(term))
  const absent = said((term) => term.forms.length === 0)
  return { searched, dropped, absent, asked: Math.min(wanted.length, maxExpectedTerms) }
}

function isOnlyStopWords(query: Query): boolean {
  return query.kind === "phrase" && query.words.every(isStopWord)
}
