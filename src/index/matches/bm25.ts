import { fold } from "../../domain/fold.ts"
import { type Phrase, phrasesOf, type Query } from "../query/ast.ts"
import { spaceCjkText } from "../text/tokenizer.ts"

/** Only the beginning of a longer text is ranked. */
export const maxRankedChars = 40_000

/**
 * BM25 over the given texts. SQLite's own bm25() first counts every row that contains a word, which for the most common
 * words takes longer than the rest of the query.
 */
export class Ranking {
  readonly #phrases: readonly Phrase[]

  constructor(query: Query) {
    this.#phrases = phrasesOf(query)
  }

  counts(text: string): number[] {
    const folded = spaceCjkText(fold(text.slice(0, maxRankedChars)))
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

const maxPhraseCount = 50

/** Occurrences of a phrase in a folded text, at most 50. */
export function countOf({ words, prefix }: Phrase, text: string): number {
  const [first = "", ...others] = words
  let count = 0
  for (let at = text.indexOf(first); at !== -1 && count < maxPhraseCount; at = text.indexOf(first, at + 1)) {
    if (isWordChar(text, at - 1)) continue
    let end = at + first.length
    const follows = others.every((word) => {
      const start = nextWord(text, end)
      end = start + word.length
      return start !== -1 && text.startsWith(word, start)
    })
    if (follows && (prefix || !isWordChar(text, end))) count++
  }
  return count
}

/** Start of the next word; -1 when the current one continues. */
function nextWord(text: string, from: number): number {
  if (isWordChar(text, from)) return -1
  let at = from
  while (at < text.length && !isWordChar(text, at)) at++
  return at
}

export function isWordChar(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code < 0x80) {
    return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a)
  }
  return code >= 0x80 && /[\p{L}\p{N}\p{Co}]/u.test(String.fromCodePoint(text.codePointAt(at) ?? 0))
}
