import type { Database } from "../../system/sqlite/database.ts"
import { withoutHidden } from "../query/filters.ts"
import { editDistance, editsOf } from "./edits.ts"

/** Words with the same prefix that are read from the table of all words. */
const maxPrefixWords = 2000
/** Occurrences of a word are counted up to here: all above are common. */
const maxCounted = 500
/** Letters that must be correct for more than one other to be wrong. */
const prefixLength = 3
/** For shorter words, which have too many neighbours, any suggestion would be a guess. */
const minWordLength = 3

export interface SimilarWord {
  readonly word: string
  /** Edit distance. */
  readonly edits: number
}

/**
 * Indexed words that are spelled like one that is not indexed. One wrong letter may be anywhere; with two, the first
 * letters must be correct, because otherwise all words would have to be read.
 */
export class Spelling {
  readonly #one
  readonly #vocabulary
  readonly #count

  constructor(database: Database) {
    this.#one = database.query<unknown, [string]>("select 1 from search where search match ? limit 1")
    this.#vocabulary = database.query<{ term: string }, [string, string, number]>(
      "select term from vocabulary where term >= ? and term < ? limit ?",
    )
    this.#count = database.query<{ count: number }, [string, number]>(
      "select count(*) as count from (select 1 from search where search match ? limit ?)",
    )
  }

  /** Whether any visible text contains the word. */
  occurs(word: string): boolean {
    return this.#one.get(withoutHidden(`"${word}"`)) !== null
  }

  /** The nearest first; equally near ones by the same first letter, then by frequency. */
  near(word: string, most: number): readonly SimilarWord[] {
    if (word.length < minWordLength || !/^\p{L}[\p{L}\p{M}\p{N}]*$/u.test(word)) return []
    const found = new Map<string, number>()
    for (const each of this.#samePrefix(word)) {
      const edits = editDistance(word, each, maxEdits(word))
      if (edits <= maxEdits(word)) found.set(each, edits)
    }
    for (const edit of editsOf(word)) {
      if (!found.has(edit) && edit.length >= minWordLength && this.occurs(edit)) found.set(edit, 1)
    }
    return [...found]
      .map(([each, edits]) => ({ word: each, edits, otherStart: each[0] === word[0] ? 0 : 1 }))
      .map((each) => ({
        ...each,
        count: this.#count.get(withoutHidden(`"${each.word}"`), maxCounted)?.count ?? 0,
      }))
      .filter(({ count }) => count > 0) // the vocabulary also contains words of client texts
      .sort((a, b) => a.edits - b.edits || a.otherStart - b.otherStart || b.count - a.count)
      .slice(0, most)
  }

  /** Words that start with this one: `deploy` for `depl`. */
  completions(word: string, most: number): readonly string[] {
    return this.#samePrefix(word)
      .filter((each) => each.startsWith(word) && this.occurs(each))
      .slice(0, most)
  }

  #samePrefix(word: string): string[] {
    const beginning = word.slice(0, prefixLength)
    if (beginning.length < prefixLength) return []
    return this.#vocabulary.all(beginning, `${beginning}\u{10FFFF}`, maxPrefixWords).map(({ term }) => term)
  }
}

function maxEdits(word: string): number {
  return word.length < 7 ? 1 : 2
}
