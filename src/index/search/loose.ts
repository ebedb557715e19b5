import type { Database } from "../../system/sqlite/database.ts"
import { matchOf, phrasesOf, type Query } from "../query/ast.ts"
import { type Filters, withVisibility } from "../query/filters.ts"
import { kindOf } from "../store/filter-tags.ts"
import { isQuestion } from "../terms/questions.ts"
import type { ResolvedTerm } from "../terms/resolved-terms.ts"
import { type Hit, HitBuilder } from "./hit.ts"
import { type LoosePart, LooseRows } from "./loose-rows.ts"
import { type LooseTerm, type WeightedTerms, weightTerms } from "./loose-terms.ts"
import { selectsParts } from "./narrow.ts"
import type { PartReader } from "./parts.ts"
import { matchesText, Titles } from "./titles.ts"

export interface LooseFound {
  /** One per session, the best first. */
  readonly hits: readonly Hit[]
  /** Number of sessions that contain enough of the terms. */
  readonly total: number
  readonly dropped: readonly string[]
  readonly absent: readonly string[]
}

/** Typical length of what people and models write about one subject; longer texts score lower. */
const typicalChars = 1500
/** Weights of terms found anywhere in the session, and in its title, relative to its best part. */
const sessionWeight = 0.4
const titleWeight = 1.2
/** Weight of the best part by its kind. */
const kindWeights = { text: 1, summary: 0.8, attachment: 0.6, compaction: 0.5 } as const
const otherKindWeight = 0.6

interface Candidate {
  readonly session: number
  best: LoosePart | null
  bestScore: number
  mask: number
  title: number
}

/** Finds sessions that contain most of the terms, for questions in everyday words. */
export class LooseSearch {
  readonly #database: Database
  readonly #hits: HitBuilder
  readonly #parts: PartReader
  readonly #titles: Titles

  constructor(database: Database, parts: PartReader) {
    this.#database = database
    this.#hits = new HitBuilder(parts)
    this.#parts = parts
    this.#titles = new Titles(database)
  }

  /** `words`: the filters' expressions. `without`: excluded terms. */
  find(
    terms: readonly ResolvedTerm[],
    without: readonly Query[],
    words: readonly string[],
    filters: Filters,
    limit: number,
  ): LooseFound {
    const weighed = weightTerms(this.#database, terms)
    const { searched, dropped, absent: nowhere } = weighed
    if (searched.length === 0) return { hits: [], total: 0, dropped, absent: nowhere }
    const not = without.length === 0 ? "" : ` NOT (${without.map((each) => matchOf(each, "")).join(" OR ")})`
    const rows = new LooseRows(this.#database, filters)
    rows.read(searched, (match) => withVisibility(`(${[match, ...words].join(" AND ")})${not}`, filters))
    const rank = () => {
      const sessions = candidates(rows.parts.values(), searched)
      this.#addTitles(sessions, searched, words, filters, without)
      const enough = minTerms(weighed, sessions.values())
      const fitting = [...sessions.values()].filter(({ mask, title }) => countBits(mask | title) >= enough)
      const best = fitting
        .map((each) => ({ ...each, score: scoreOf(each, searched) }))
        .sort((a, b) => b.score - a.score || (b.best?.time ?? 0) - (a.best?.time ?? 0))
        .slice(0, limit)
      return { best, total: fitting.length }
    }
    let { best, total } = rank()
    for (let left = selectsParts(filters) ? 0 : maxRankingRounds; left > 0; left--) {
      const asking = best.flatMap(({ best: part }) =>
        part !== null && this.#isQuestion(part.id) ? [part.id] : [],
      )
      if (asking.length === 0) break
      for (const id of asking) rows.parts.delete(id)
      ;({ best, total } = rank())
    }
    const phrases = searched.flatMap(({ query }) => phrasesOf(query))
    const hits = best.flatMap(({ best: part, mask, title, score }) => {
      if (part === null) return []
      const absent = searched.filter(
        ({ match }, index) => !(title & (1 << index)) && this.#rowHolding(match, part.id) === null,
      )
      const said = (terms: readonly LooseTerm[]) => terms.map(({ term }) => term.typed)
      const elsewhere = said(absent.filter((term) => mask & (1 << searched.indexOf(term))))
      const row = this.#rowOf(searched, part.id)
      return this.#hits.of(part.id, score, phrases, row, { missing: said(absent), elsewhere })
    })
    return { hits, total, dropped, absent: nowhere }
  }

  #addTitles(
    sessions: Map<number, Candidate>,
    terms: readonly LooseTerm[],
    words: readonly string[],
    filters: Filters,
    without: readonly Query[],
  ): void {
    const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = filters
    const asked = terms.flatMap(({ query }) => phrasesOf(query).flatMap((phrase) => phrase.words))
    const byTitleAlone: Candidate[] = []
    for (const { session, folded } of this.#titles.holding(asked)) {
      let title = 0
      for (const [index, { query }] of terms.entries()) if (matchesText(query, folded)) title |= 1 << index
      if (title === 0 || without.some((each) => matchesText(each, folded))) continue
      const known = sessions.get(session)
      if (known !== undefined) known.title = title
      else if (!selectsParts(filters))
        byTitleAlone.push({ session, best: null, bestScore: 0, mask: 0, title })
    }
    const by = (each: Candidate) => weightSum(each.title, terms)
    for (const each of byTitleAlone.sort((a, b) => by(b) - by(a)).slice(0, maxTitleOnly)) {
      const id = this.#titles.firstPart(each.session, words, { from: since, to: until })
      if (id === null || filters.exclude?.has(id)) continue
      if (without.some((query) => this.#rowHolding(matchOf(query, ""), id) !== null)) continue
      each.best = { id, session: each.session, size: 0, kind: 0, time: 0, mask: 0 }
      sessions.set(each.session, each)
    }
  }

  #isQuestion(id: number): boolean {
    const part = this.#parts.get(id)
    return part !== null && isQuestion(part.text, part.kind === "tool_use")
  }

  /** The row of a long text that contains the rarest of the terms. */
  #rowOf(terms: readonly LooseTerm[], id: number): number {
    for (const { match } of terms) {
      const row = this.#rowHolding(match, id)
      if (row !== null) return row
    }
    return id
  }

  #rowHolding(match: string, id: number): number | null {
    const row = this.#database
      .query<{ id: number }, [string, number]>(
        `select rowid as id from search where search match ?1 and rowid between ?2
           and (select coalesce(min(id) - 1, ?2) from part where id > ?2) order by rowid limit 1`,
      )
      .get(match, id)
    return row?.id ?? null
  }
}

const maxTitleOnly = 30
/** Maximum number of rankings repeated without the parts that only ask the same question. */
const maxRankingRounds = 5

function candidates(parts: Iterable<LoosePart>, terms: readonly LooseTerm[]): Map<number, Candidate> {
  const sessions = new Map<number, Candidate>()
  for (const part of parts) {
    const score = weightSum(part.mask, terms) * densityOf(part)
    const known = sessions.get(part.session)
    if (known === undefined) {
      sessions.set(part.session, {
        session: part.session,
        best: part,
        bestScore: score,
        mask: part.mask,
        title: 0,
      })
      continue
    }
    known.mask |= part.mask
    if (score > known.bestScore || (score === known.bestScore && part.time > (known.best?.time ?? 0))) {
      known.best = part
      known.bestScore = score
    }
  }
  return sessions
}

/** Text length lowers the score: a page with all the words says less than a sentence with three of them. */
function densityOf({ size, kind }: LoosePart): number {
  const name = kindOf(kind)
  const by = name in kindWeights ? kindWeights[name as keyof typeof kindWeights] : otherKindWeight
  return by / (1 + 0.3 * Math.log2(1 + size / typicalChars))
}

function scoreOf({ bestScore, mask, title }: Candidate, terms: readonly LooseTerm[]): number {
  return bestScore + sessionWeight * weightSum(mask | title, terms) + titleWeight * weightSum(title, terms)
}

/** Terms that must match: half of those with a meaning if any session has that many, else a third. */
function minTerms({ asked }: WeightedTerms, sessions: Iterable<Candidate>): number {
  let most = 0
  for (const { mask, title } of sessions) most = Math.max(most, countBits(mask | title))
  const half = Math.ceil(asked / 2)
  return most >= half ? half : Math.max(1, Math.ceil(asked / 3))
}

function weightSum(mask: number, terms: readonly LooseTerm[]): number {
  return terms.reduce((all, { weight }, index) => all + (mask & (1 << index) ? weight : 0), 0)
}

function countBits(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
