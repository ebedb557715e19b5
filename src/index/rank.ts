import { phrasesOf, type Query } from "./query.ts"
import { fold, spaced } from "./words.ts"

/**
 * How well a text fits: BM25 over the texts at hand. SQLite's own would count every row that holds a word before it
 * answers, which for the commonest words takes longer than all the rest.
 */
export class Ranking {
  readonly #patterns: readonly RegExp[]

  constructor(query: Query) {
    this.#patterns = phrasesOf(query).map(({ words, prefix }) => phrasePattern(words, prefix))
  }

  /** How often each phrase of the query occurs. Only the first 40,000 characters are looked at. */
  counts(text: string): number[] {
    const folded = foldText(text.slice(0, farthest))
    return this.#patterns.map((pattern) => {
      let count = 0
      pattern.lastIndex = 0
      while (count < enough && pattern.test(folded)) count++
      return count
    })
  }

  scores(texts: readonly { readonly counts: readonly number[]; readonly size: number }[]): number[] {
    const average = texts.reduce((sum, { size }) => sum + size, 0) / Math.max(1, texts.length) || 1
    const holding = this.#patterns.map(
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
const farthest = 40_000
const enough = 50

function foldText(text: string): string {
  return spaced(fold(text))
}

/** The words one after another, with no letter or digit between them or right beside them. */
export function phrasePattern(words: readonly string[], prefix: boolean): RegExp {
  const between = "[^\\p{L}\\p{N}\\p{Co}]+"
  const end = prefix ? "" : "(?![\\p{L}\\p{N}\\p{Co}])"
  return new RegExp(`(?<![\\p{L}\\p{N}\\p{Co}])${words.join(between)}${end}`, "gu")
}
