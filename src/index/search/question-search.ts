import type { Database } from "../../system/sqlite/database.ts"
import { maxRankedChars } from "../matches/bm25.ts"
import { matchOf, phrasesOf, type Query } from "../query/ast.ts"
import { type Filters, filterExpressions, withVisibility } from "../query/filters.ts"
import { parseQuery } from "../query/parse.ts"
import { type Correction, type ResolvedQuery, resolveTerms } from "../terms/resolved-terms.ts"
import { exclusionsOf, termsOf } from "../terms/terms.ts"
import { type Hit, HitBuilder } from "./hit.ts"
import { LooseSearch } from "./loose.ts"
import { selectsParts } from "./narrow.ts"
import type { PartReader } from "./parts.ts"
import { Searcher, type SearchResult } from "./search.ts"
import { titleHits } from "./title-hits.ts"

/** Hits, and how the query was changed to find them. */
export interface QuestionAnswer extends SearchResult {
  /**
   * `all`: every term matched, as typed or corrected. `forms`: other forms of the words matched. `most`: no part
   * matches every term; these are the best partial matches, one per session.
   */
  readonly match: "all" | "forms" | "most"
  readonly corrected: readonly Correction[]
  /** With `most`: terms not searched for, because they carry no meaning or there are too many. */
  readonly dropped: readonly string[]
  /** Terms that no text contains. */
  readonly absent: readonly string[]
  /** Indexed words that are spelled like those that no text contains. */
  readonly suggested: readonly string[]
}

/** Tries a query as typed, then with corrected spelling, then with other word forms, then for partial matches. */
export class QuestionSearch {
  readonly #database: Database
  readonly #searcher: Searcher
  readonly #parts: PartReader

  constructor(database: Database, parts: PartReader) {
    this.#database = database
    this.#parts = parts
    this.#searcher = new Searcher(database, parts)
  }

  answer(typed: string, filters: Filters, limit: number): QuestionAnswer {
    const query = parseQuery(typed)
    const found = this.#all(query, filters, limit)
    if (query === null || found.total > 0) return exactAnswer(found)
    const words = filterExpressions(this.#database, filters)
    const terms = termsOf(query)
    if (words === null || terms.length === 0) return exactAnswer(found)
    const resolved = resolveTerms(this.#database, terms, (each) => this.#fits(each, words, filters))
    const without = exclusionsOf(query)
    for (const [match, wanted] of attempts(query, resolved, without)) {
      const again = this.#all(wanted, filters, limit)
      if (again.total > 0) return { ...exactAnswer(again), ...correctionsOf(resolved), match }
    }
    const loose = new LooseSearch(this.#database, this.#parts)
    const { hits, total, dropped, absent } = loose.find(resolved.terms, without, words, filters, limit)
    return { hits, total, totalIsExact: false, match: "most", ...correctionsOf(resolved), dropped, absent }
  }

  /** Searches texts and titles. */
  #all(query: Query | null, filters: Filters, limit: number): SearchResult {
    const found = withoutTitleParts(this.#searcher.search(query, filters, limit), filters)
    if (query === null) return found
    const textOf = (part: number) => this.#parts.beginning(part, maxRankedChars)
    const titled = titleHits(this.#database, query, filters, textOf)
    if (titled.length === 0) return found
    const hits = new HitBuilder(this.#parts)
    const known = new Set(found.hits.map(({ part }) => part))
    const phrases = phrasesOf(query)
    const best = found.hits[0]?.score ?? 1
    const more = titled
      .filter((part) => !known.has(part))
      .slice(0, limit)
      .flatMap((part): Hit[] => hits.of(part, best, phrases))
    // titles first: a session is usually named so that it can be found
    return { ...found, hits: [...more, ...found.hits].slice(0, limit), total: found.total + more.length }
  }

  #fits(query: Query, words: readonly string[], filters: Filters): boolean {
    const match = withVisibility([matchOf(query, ""), ...words].join(" AND "), filters)
    return this.#database.query("select 1 from search where search match ? limit 1").get(match) !== null
  }
}

/**
 * Removes hits that are a session's current title: titles are searched separately. Removes other titles too when the
 * filters select parts, but none when they select titles.
 */
function withoutTitleParts(found: SearchResult, filters: Filters): SearchResult {
  const asIs = filters.kind === "title"
  const hits = found.hits.filter(
    ({ kind, title, text }) => asIs || kind !== "title" || (!selectsParts(filters) && title !== text),
  )
  const left = found.hits.length - hits.length
  return left === 0 ? found : { ...found, hits, total: found.total - left }
}

function exactAnswer(found: SearchResult): QuestionAnswer {
  return { ...found, match: "all", corrected: [], dropped: [], absent: [], suggested: [] }
}

function correctionsOf({
  corrected,
  suggested,
}: ResolvedQuery): Pick<QuestionAnswer, "corrected" | "suggested"> {
  return { corrected, suggested }
}

/** The query with other words, if there are any: first corrected, then in all forms. */
function* attempts(
  query: Query,
  { terms, corrected }: ResolvedQuery,
  not: readonly Query[],
): Generator<["all" | "forms", Query]> {
  if (query.kind === "any" || terms.some(({ forms }) => forms.length === 0)) return
  const all = (wanted: readonly Query[]): Query => ({ kind: "all", terms: wanted, not })
  const first = terms.flatMap(({ forms }) => forms.slice(0, 1))
  const typed = new Set(terms.map(({ query: each }) => JSON.stringify(each)))
  const asTyped = first.every((each) => typed.has(JSON.stringify(each)))
  if (!asTyped) yield [corrected.length > 0 ? "all" : "forms", all(first)]
  if (terms.some(({ forms }) => forms.length > 1)) {
    yield ["forms", all(terms.map(({ forms }) => ({ kind: "any", terms: forms })))]
  }
}
