/** Searches the index: exact queries, questions in everyday words, titles. */

import type { Database } from "../../system/sqlite/database.ts"
import { maxRankedChars, Ranking } from "../matches/bm25.ts"
import { matchOf, phrasesOf, type Query } from "../query/ast.ts"
import { everyRowExpression, type Filters, filterExpressions, withVisibility } from "../query/filters.ts"
import { kindOf } from "../store/filter-tags.ts"
import { isQuestion } from "../terms/questions.ts"
import { type Hit, HitBuilder } from "./hit.ts"
import { LongMatches, withoutLongTexts } from "./long-matches.ts"
import { selectsParts } from "./narrow.ts"
import { NewestParts } from "./newest.ts"
import type { PartReader } from "./parts.ts"
import { PrefixWords } from "./prefix-words.ts"

export interface SearchResult {
  readonly hits: readonly Hit[]
  readonly total: number
  /** false: there are at least `total` matches, and only the newest of them were ranked. */
  readonly totalIsExact: boolean
}

/** Newest matching parts considered, in each branch of an OR; more if `limit` is higher. */
const maxCandidates = 400
/** With more matches than that, this many are opened and ranked by their text; fewer per branch if there are many. */
const maxOpened = 80
const maxCounted = 20_000

interface Candidate {
  readonly id: number
  readonly time: number | null
  readonly kind: number
  readonly at: number
  readonly size: number
}

export class Searcher {
  readonly #database: Database
  readonly #parts: PartReader
  readonly #hits: HitBuilder
  readonly #byTime: NewestParts
  readonly #longMatches: LongMatches
  readonly #prefixWords: PrefixWords
  readonly #newest
  readonly #newestIn
  readonly #count
  readonly #candidate

  constructor(database: Database, parts: PartReader) {
    this.#database = database
    this.#parts = parts
    this.#hits = new HitBuilder(parts)
    this.#byTime = new NewestParts(database)
    this.#longMatches = new LongMatches(database)
    this.#prefixWords = new PrefixWords(database, parts.blocks)
    this.#newest = database.query<{ id: number }, [string, number, number, number]>(
      "select rowid as id from search where search match ? and rowid between ? and ? order by rowid desc limit ?",
    )
    this.#newestIn = database.query<{ id: number }, [string, number, number, number, number, number]>(
      `select search.rowid as id from search join part on part.id = search.rowid
       where search match ? and search.rowid between ? and ? and part.time >= ? and part.time < ?
       order by search.rowid desc limit ?`,
    )
    this.#count = database.query<{ count: number }, [string, number]>(
      "select count(*) as count from (select 1 from search where search match ? limit ?)",
    )
    this.#candidate = database.query<Candidate, [number]>(
      "select id, time, kind, at, size from part where id = ?",
    )
  }

  /** The best first, equally good ones by time. `query` null: every part that matches the filters. */
  search(query: Query | null, filters: Filters, limit: number): SearchResult {
    const quick = query === null || !hasPrefix(query) ? null : this.#prefixWords.instead(query)
    const found = quick === null ? null : this.#search(query, filters, limit, quick)
    return found?.wasCut === true ? found.result : this.#search(query, filters, limit).result
  }

  /** `asked`: the query for the full-text table, which may find less. `wasCut`: there are more matches than were looked at. */
  #search(
    query: Query | null,
    filters: Filters,
    limit: number,
    asked = query,
  ): { readonly result: SearchResult; readonly wasCut: boolean } {
    const words = filterExpressions(this.#database, filters)
    const range = words === null ? null : this.#range(filters)
    if (words === null || range === null)
      return { result: { hits: [], total: 0, totalIsExact: true }, wasCut: false }
    const most = Math.max(maxCandidates, limit)
    const hasLong = this.#longMatches.hasAny
    const long = hasLong ? this.#longMatches.of(asked, words, filters) : new Map<number, number>()
    const usual = (match: string) => withVisibility(hasLong ? withoutLongTexts(match) : match, filters)
    const all = new Map<number, Candidate>()
    const opened = new Map<number, Candidate>()
    let cut = false
    const branches = asked?.kind === "any" ? asked.terms : [asked]
    const share = Math.max(limit, Math.min(maxOpened, Math.ceil((4 * maxOpened) / branches.length)))
    for (const branch of branches) {
      const found = this.#matching(usual(expression(branch, words)), filters, range, most)
      if (found.length > most) cut = true
      const candidates = found
        .slice(0, most)
        .flatMap(({ id }) => this.#candidate.get(id) ?? [])
        .sort(newestFirst)
      for (const each of candidates) all.set(each.id, each)
      // so that common words do not crowd out the rare word of `rare OR common`
      for (const each of candidates.slice(0, share)) opened.set(each.id, each)
    }
    if (long.size > most) cut = true
    const longest = [...long.keys()].flatMap((id) => this.#candidate.get(id) ?? []).sort(newestFirst)
    for (const each of longest.slice(0, most)) all.set(each.id, each)
    for (const each of longest.slice(0, share)) opened.set(each.id, each)
    const ranked = cut || all.size > most ? opened : all
    const { hits, questions } =
      query === null
        ? { hits: this.#byTime.of(filters, limit).flatMap((id) => this.#hits.of(id, 0, [])), questions: 0 }
        : this.#best(query, [...ranked.values()].sort(newestFirst), limit, long, filters)
    if (!cut) {
      const totalIsExact = ranked === all || questions === 0
      return { result: { hits, total: all.size - questions, totalIsExact }, wasCut: false }
    }
    // counting the rows of a time range or of a word prefix takes as long as finding them all
    if (isTimed(filters) || hasPrefix(query))
      return { result: { hits, total: all.size, totalIsExact: false }, wasCut: true }
    const total = this.#count.get(usual(expression(query, words)), maxCounted)?.count ?? 0
    return { result: { hits, total: total + long.size, totalIsExact: total < maxCounted }, wasCut: true }
  }

  #matching(match: string, filters: Filters, { from, to }: Range, most: number): { id: number }[] {
    if (!isTimed(filters)) return this.#newest.all(match, from, to, most + 1)
    const { since = Number.MIN_SAFE_INTEGER, until = Number.MAX_SAFE_INTEGER } = filters
    return this.#newestIn.all(match, from, to, since, until, most + 1)
  }

  /** Ranks candidates; omits and counts those that only ask the same question. */
  #best(
    query: Query,
    newest: readonly Candidate[],
    limit: number,
    long: ReadonlyMap<number, number>,
    { exclude, ...filters }: Filters,
  ): { readonly hits: Hit[]; readonly questions: number } {
    const phrases = phrasesOf(query)
    const asIs = selectsParts(filters)
    const ranking = new Ranking(query)
    const opened = newest.flatMap(({ id, at, size, time, kind }) => {
      if (exclude?.has(id)) return []
      const text = this.#parts.blocks.text(id, at, long.has(id) ? Math.min(size, maxRankedChars) : size)
      if (!asIs && isQuestion(text, kindOf(kind) === "tool_use")) return []
      return [{ id, time, size, counts: ranking.counts(text) }]
    })
    const scores = ranking.scores(opened)
    const hits = opened
      .map(({ id, time }, index) => ({ id, time, score: scores[index] ?? 0 }))
      .toSorted((a, b) => b.score - a.score || newestFirst(a, b))
      .slice(0, limit)
      .flatMap(({ id, score }) => this.#hits.of(id, score, phrases, long.get(id)))
    return { hits, questions: newest.length - opened.length }
  }

  /** The range of part ids with times in this period; null when there are none. */
  #range({ since, until }: Filters): Range | null {
    if (since === undefined && until === undefined) return { from: 0, to: Number.MAX_SAFE_INTEGER }
    const row = this.#database
      .query<{ from: number | null; to: number | null }, [number, number]>(
        `select min(first) as "from", max(last) as "to" from block where max_time >= ? and min_time < ?`,
      )
      .get(since ?? 0, until ?? Number.MAX_SAFE_INTEGER)
    return row === null || row.from === null || row.to === null ? null : { from: row.from, to: row.to }
  }
}

interface Range {
  readonly from: number
  readonly to: number
}

function expression(query: Query | null, filters: readonly string[]): string {
  if (query !== null) return [matchOf(query, everyRowExpression), ...filters].join(" AND ")
  return filters.length === 0 ? everyRowExpression : filters.join(" AND ")
}

function isTimed({ since, until }: Filters): boolean {
  return since !== undefined || until !== undefined
}

function newestFirst(a: Pick<Candidate, "id" | "time">, b: Pick<Candidate, "id" | "time">): number {
  return (b.time ?? 0) - (a.time ?? 0) || b.id - a.id
}

function hasPrefix(query: Query | null): boolean {
  return query !== null && phrasesOf(query).some(({ prefix }) => prefix)
}
