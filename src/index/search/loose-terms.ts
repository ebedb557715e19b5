import type { Database } from "../../system/sqlite/database.ts"
import { matchOf, type Query } from "../query/ast.ts"
import { onlySaid } from "../query/filters.ts"
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

const mostCounted = 20_000
/** Of a long question, so many of the words that tell most. */
const mostTerms = 12
/** Of a longer one no more is expected than of one of so many. */
const mostAsked = 18

export interface Weighed {
  /** The rarest first. */
  readonly looked: readonly LooseTerm[]
  /** What is left out: it says nothing, or there is more than enough; */
  readonly dropped: readonly string[]
  /** and what no text holds. */
  readonly absent: readonly string[]
  /** How many there are that say something, the absent among them. */
  readonly asked: number
}

/** What of it is worth being looked for. Words that hold a sentence together only where there are no others. */
export function weigh(database: Database, terms: readonly ResolvedTerm[]): Weighed {
  const says = terms.filter(({ query }) => !isIdle(query))
  const wanted = says.some(({ forms }) => forms.length > 0) ? says : terms
  const rows =
    database.query<{ last: number | null }, []>("select max(id) as last from part").get()?.last ?? 0
  const count = database.query<{ count: number }, [string, number]>(
    "select count(*) as count from (select 1 from words where words match ? limit ?)",
  )
  const looked = wanted
    .filter(({ forms }) => forms.length > 0)
    .map((term) => {
      const query: Query = { kind: "any", of: term.forms }
      const match = matchOf(query, "")
      const holding = count.get(onlySaid(match), mostCounted)?.count ?? 0
      return { term, query, match, count: holding, weight: Math.log(1 + (rows + 1) / (holding + 0.5)) }
    })
    .sort((a, b) => b.weight - a.weight)
    .slice(0, mostTerms)
  const kept = new Set(looked.map(({ term }) => term))
  const said = (fits: (term: ResolvedTerm) => boolean) => terms.filter(fits).map(({ typed }) => typed)
  const dropped = said((term) => term.forms.length > 0 && !kept.has(term))
  const absent = said((term) => term.forms.length === 0)
  return { looked, dropped, absent, asked: Math.min(wanted.length, mostAsked) }
}

function isIdle(query: Query): boolean {
  return query.kind === "phrase" && query.words.every(isStopWord)
}
