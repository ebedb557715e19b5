import { fold } from "../../domain/fold.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { isWordChar } from "../matches/bm25.ts"
import { type Phrase, phrasesOf, type Query } from "../query/ast.ts"
import type { BlockReader } from "../store/block-reader.ts"

/** The newest texts in which words are looked for, and how many words are taken. */
const maxBlocks = 24
const maxWords = 64
/** Pages of rows that the full-text table merges in some milliseconds, and more for each of its segments. */
const cheapPages = 16
const pagesPerSegment = 2

/**
 * A beginning of one or two letters, as typed first in a search field, is the beginning of thousands of words, whose rows
 * the full-text table would merge before it returned the newest: seconds for a million messages. The newest matches are
 * found by the words that begin so in the newest texts.
 */
export class PrefixWords {
  readonly #blocks: BlockReader
  readonly #pages

  constructor(database: Database, blocks: BlockReader) {
    this.#blocks = blocks
    // the first term of each page of a segment: the pages from the last one before the range to the first one after it
    this.#pages = database.query<{ pages: number; segments: number }, [Uint8Array, Uint8Array]>(
      `select coalesce(sum(last - first), 0) as pages, count(*) as segments from (
         select coalesce(max(case when term < ?1 then pgno >> 1 end), min(pgno >> 1)) as first,
           coalesce(min(case when term >= ?2 then pgno >> 1 end), max(pgno >> 1) + 1) as last
         from search_idx group by segid)`,
    )
  }

  /**
   * The query with words instead of each such beginning; null when there is none. It finds a part of what the query
   * finds: enough if that is more than is looked at.
   */
  instead(query: Query): Query | null {
    const costly = new Map<Phrase, Query>()
    for (const phrase of phrasesOf(query)) {
      if (!phrase.prefix || !this.#isCostly(phrase.words.at(-1) ?? "")) continue
      const words = this.#wordsLike(phrase.words.at(-1) ?? "")
      if (words.length === 0) return null
      const terms = words.map((word) => ({
        ...({ kind: "phrase", prefix: false } as const),
        words: [...phrase.words.slice(0, -1), word],
      }))
      costly.set(phrase, { kind: "all", terms: [{ kind: "any", terms }], not: [] })
    }
    return costly.size === 0 ? null : replaced(query, costly)
  }

  #isCostly(beginning: string): boolean {
    const term = (end: string) => Buffer.from(`0${beginning}${end}`) // the table's own mark of a whole word
    const row = this.#pages.get(term(""), term("\u{10ffff}"))
    return row !== null && row.pages > cheapPages + pagesPerSegment * row.segments
  }

  #wordsLike(beginning: string): string[] {
    const words = new Set<string>()
    for (const text of this.#blocks.newest(maxBlocks)) {
      addWords(fold(text), beginning, words)
      if (words.size >= maxWords) break
    }
    return [...words].slice(0, maxWords)
  }
}

const restOfWord = /[\p{L}\p{N}\p{Co}\p{M}]*/uy

function addWords(text: string, beginning: string, words: Set<string>): void {
  for (let at = text.indexOf(beginning); at !== -1; at = text.indexOf(beginning, restOfWord.lastIndex)) {
    restOfWord.lastIndex = at
    const [word = ""] = restOfWord.exec(text) ?? []
    restOfWord.lastIndex = at + Math.max(1, word.length)
    if (word !== "" && !isWordChar(text, at - 1)) words.add(word)
  }
}

function replaced(query: Query, by: ReadonlyMap<Phrase, Query>): Query {
  switch (query.kind) {
    case "phrase":
      return by.get(query) ?? query
    case "near":
      return query
    case "any":
      return { ...query, terms: query.terms.map((each) => replaced(each, by)) }
    case "all":
      return { ...query, terms: query.terms.map((each) => replaced(each, by)) }
  }
}
