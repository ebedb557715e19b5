import type { Database } from "../../system/sqlite/database.ts"
import { onlySaid } from "../query/filters.ts"
import { distance, editsOf } from "./edits.ts"

/** Words that begin alike are read from the table of all words, no more than so many. */
const mostAlike = 2000
/** How often a word occurs is counted up to here: beyond, all are common. */
const mostCounted = 500
/** As many letters have to be right for more than one to be wrong. */
const sameBeginning = 3
/** Shorter words have so many neighbours that any of them would be a guess. */
const shortest = 3

export interface Neighbour {
  readonly word: string
  /** Letters that differ. */
  readonly steps: number
}

/**
 * Words of the index that are spelt much like one that is not in it. One wrong letter may stand anywhere; two, only
 * behind a beginning that is right: all words would have to be read otherwise.
 */
export class Spelling {
  readonly #one
  readonly #alike
  readonly #count

  constructor(database: Database) {
    this.#one = database.query<unknown, [string]>("select 1 from words where words match ? limit 1")
    this.#alike = database.query<{ term: string }, [string, string, number]>(
      "select term from vocabulary where term >= ? and term < ? limit ?",
    )
    this.#count = database.query<{ count: number }, [string, number]>(
      "select count(*) as count from (select 1 from words where words match ? limit ?)",
    )
  }

  /** Whether any text holds it. */
  holds(word: string): boolean {
    return this.#one.get(onlySaid(`"${word}"`)) !== null
  }

  /** The nearest first; of equally near ones, that which begins alike, then the commonest. */
  near(word: string, most: number): readonly Neighbour[] {
    if (word.length < shortest || !/^\p{L}[\p{L}\p{M}\p{N}]*$/u.test(word)) return []
    const found = new Map<string, number>()
    for (const each of this.#beginningAlike(word)) {
      const steps = distance(word, each, stepsFor(word))
      if (steps <= stepsFor(word)) found.set(each, steps)
    }
    for (const edit of editsOf(word)) {
      if (!found.has(edit) && edit.length >= shortest && this.holds(edit)) found.set(edit, 1)
    }
    return [...found]
      .map(([each, steps]) => ({ word: each, steps, strange: each[0] === word[0] ? 0 : 1 }))
      .map((each) => ({
        ...each,
        count: this.#count.get(onlySaid(`"${each.word}"`), mostCounted)?.count ?? 0,
      }))
      .filter(({ count }) => count > 0) // the client's own words are in the vocabulary, too
      .sort((a, b) => a.steps - b.steps || a.strange - b.strange || b.count - a.count)
      .slice(0, most)
  }

  /** Of a word that breaks off, how it goes on: `deploy` for `depl`. */
  goingOn(word: string, most: number): readonly string[] {
    return this.#beginningAlike(word)
      .filter((each) => each.startsWith(word) && this.holds(each))
      .slice(0, most)
  }

  #beginningAlike(word: string): string[] {
    const beginning = word.slice(0, sameBeginning)
    if (beginning.length < sameBeginning) return []
    return this.#alike.all(beginning, `${beginning}\u{10FFFF}`, mostAlike).map(({ term }) => term)
  }
}

function stepsFor(word: string): number {
  return word.length < 7 ? 1 : 2
}
