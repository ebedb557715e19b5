import type { Database } from "../system/database.ts"
import { type Filters, filterWords } from "./filters.ts"
import type { IndexedPart, Parts } from "./hits.ts"
import { matchOf, type Phrase, phrasesOf, type Query } from "./query.ts"
import { Ranking } from "./rank.ts"
import { type Snippet, snippetOf } from "./snippet.ts"
import { tags } from "./tags.ts"

export interface Hit extends IndexedPart {
  /** Higher fits better; comparable within one answer only. */
  readonly score: number
  readonly snippet: Snippet
}

export interface Found {
  readonly hits: readonly Hit[]
  readonly total: number
  /** false: there are at least `total`, and the best were looked for among the newest of them. */
  readonly totalIsExact: boolean
}

/** So many of the newest parts that match are candidates; in each branch of an OR. */
const mostCandidates = 600
/** So many of them are opened to be ranked by what they say. */
const mostOpened = 120
const mostCounted = 100_000

interface Candidate {
  readonly id: number
  readonly time: number | null
  readonly kind: number
  readonly at: number
  readonly size: number
}

export class Searcher {
  readonly #database: Database
  readonly #parts: Parts
  readonly #newest
  readonly #count
  readonly #candidate

  constructor(database: Database, parts: Parts) {
    this.#database = database
    this.#parts = parts
    this.#newest = database.query<{ id: number }, [string, number, number, number]>(
      `select rowid as id from words where words match ? and rowid between ? and ?
       order by rowid desc limit ?`,
    )
    this.#count = database.query<{ count: number }, [string, number, number, number]>(
      `select count(*) as count from
         (select 1 from words where words match ? and rowid between ? and ? limit ?)`,
    )
    this.#candidate = database.query<Candidate, [number]>(
      "select id, time, kind, at, size from part where id = ?",
    )
  }

  /** The best first; of equally good ones the newest. `query` null: every part that fits the filters. */
  search(query: Query | null, filters: Filters, limit: number): Found {
    const words = filterWords(this.#database, filters)
    const range = words === null ? null : this.#range(filters)
    if (words === null || range === null) return { hits: [], total: 0, totalIsExact: true }
    const branches = query?.kind === "any" ? query.of : [query]
    const ids = new Set<number>()
    let cut = false
    for (const branch of branches) {
      const found = this.#newest.all(expression(branch, words), range.from, range.to, mostCandidates + 1)
      if (found.length > mostCandidates) cut = true
      for (const { id } of found.slice(0, mostCandidates)) ids.add(id)
    }
    const candidates = [...ids].flatMap((id) => this.#candidate.get(id) ?? []).filter(inTime(filters))
    const total = cut ? this.#atLeast(expression(query, words), range, candidates.length) : candidates.length
    const exact = !cut || (total < mostCounted && filters.since === undefined && filters.until === undefined)
    return { hits: this.#best(query, candidates, limit), total, totalIsExact: exact }
  }

  #best(query: Query | null, candidates: Candidate[], limit: number): Hit[] {
    const newest = candidates.toSorted((a, b) => (b.time ?? 0) - (a.time ?? 0) || b.id - a.id)
    const phrases = query === null ? [] : phrasesOf(query)
    if (query === null) return newest.slice(0, limit).flatMap(({ id }) => this.#hit(id, 0, phrases))
    const ranking = new Ranking(query)
    const opened = newest.slice(0, Math.max(mostOpened, limit)).map(({ id, at, size, time }) => {
      return { id, time, size, counts: ranking.counts(this.#parts.blocks.text(id, at, size)) }
    })
    const scores = ranking.scores(opened)
    return opened
      .map(({ id, time }, index) => ({ id, time, score: scores[index] ?? 0 }))
      .toSorted((a, b) => b.score - a.score || (b.time ?? 0) - (a.time ?? 0) || b.id - a.id)
      .slice(0, limit)
      .flatMap(({ id, score }) => this.#hit(id, score, phrases))
  }

  #hit(id: number, score: number, phrases: readonly Phrase[]): Hit[] {
    const part = this.#parts.get(id)
    return part === null ? [] : [{ ...part, score, snippet: snippetOf(part.text, phrases) }]
  }

  #atLeast(match: string, range: Range, known: number): number {
    return Math.max(known, this.#count.get(match, range.from, range.to, mostCounted)?.count ?? 0)
  }

  /** The parts among which those of a time lie; null when there are none. */
  #range({ since, until }: Filters): Range | null {
    if (since === undefined && until === undefined) return { from: 0, to: Number.MAX_SAFE_INTEGER }
    const row = this.#database
      .query<{ from: number | null; to: number | null }, [number, number]>(
        `select min(first) as "from", max(last) as "to" from block where late >= ? and early < ?`,
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
  const words = query === null ? `"${tags.every}"` : matchOf(query, tags.every)
  return [words, ...filters].join(" AND ")
}

function inTime({ since, until }: Filters) {
  return ({ time }: Candidate) =>
    (since === undefined || (time !== null && time >= since)) &&
    (until === undefined || (time !== null && time < until))
}
