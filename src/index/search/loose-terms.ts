import type { Database } from "../../system/sqlite/database.ts"
import { matchOf, type Query } from "../query/ast.ts"
import { withoutHidden } from "../query/filters.ts"
import type { ResolvedTerm } from "../terms/resolved-terms.ts"
import { isStopWord } from "../terms/stop-words.ts"

/** A term searched for separately. */
export interface LooseTerm {
  readonly term: ResolvedTerm
  readonly query: Query
  readonly match: string
  /** Number of rows that contain it, up to `maxCountedRows`. */
  readonly count: number
  /** Higher for rarer terms, which distinguish sessions better. */
  readonly weight: number
}

const maxCountedRows = 20_000
/** Terms of a long question that are searched for: those with the highest weight. */
const maxTerms = 12
/** Terms counted when deciding how many must match. */
const maxExpectedTerms = 18

export interface WeightedTerms {
  /** The rarest first. */
  readonly searched: readonly LooseTerm[]
  /** Terms not searched for, because they carry no meaning or there are too many. */
  readonly dropped: readonly string[]
  /** Terms that no text contains. */
  readonly absent: readonly string[]
  /** Number of terms with a meaning, including absent ones. */
  readonly asked: number
}

/** Selects the terms to search for. Stop words only if there is nothing else. */
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
