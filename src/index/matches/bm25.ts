import type { Phrase, Query } from "../query/ast.ts"
import { phrasesOf } from "../query/fts-expression.ts"
import { fold, spaced } from "../text/tokenizer.ts"
import { countOf } from "./occurrences.ts"

/** So many characters of a text are looked at. */
export const farthest = 40_000

/**
 * How well a text fits: BM25 over the texts at hand. SQLite's own would count every row that holds a word before it
 * answers, which for the commonest words takes longer than all the rest.
 */
export class Ranking {
  readonly #phrases: readonly Phrase[]

  constructor(query: Query) {
    this.#phrases = phrasesOf(query)
  }

  /** How often each phrase of the query occurs. */
  counts(text: string): number[] {
    const folded = spaced(fold(text.slice(0, farthest)))
    return this.#phrases.map((phrase) => countOf(phrase, folded))
  }

  scores(texts: readonly { readonly counts: readonly number[]; readonly size: number }[]): number[] {
    const average = texts.reduce((sum, { size }) => sum + size, 0) / Math.max(1, texts.length) || 1
    const holding = this.#phrases.map(
      (_, index) => texts.filter(({ counts }) => (counts[index] ?? 0) > 0).length,
    )
    const rarity = holding.map((count) => Math.log(1 + (texts.length - count + 0.5) / (count + 0.5)) + 0.2)
    return texts.map(({ counts, size }) => {
      const long = saturation * (1 - lengthWeight + (lengthWeight * size) / average)
      return counts.reduce(
        (sum, count, index) => sum + ((rarity[index] ?? 0) * count * (saturation + 1)) / (count + long),
        0,
      )
    })
  }
}

const saturation = 1.2
const lengthWeight = 0.75
