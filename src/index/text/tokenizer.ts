/** Splits text into words as the full-text table does: letters and digits, folded, and single CJK characters. */

import { fold } from "../../domain/fold.ts"
import { cjkSource } from "./cjk.ts"

const cjk = new RegExp(cjkSource, "u")
const everyCjk = new RegExp(cjkSource, "gu")
/** A character with its mark, or a Korean syllable written as separate letters. */
const cjkCluster = new RegExp(
  `([\\u1100-\\u115f][\\u1160-\\u11a7][\\u11a8-\\u11ff]?|${cjkSource}\\p{M}*)`,
  "u",
)

/** Precedes the words of filters: a letter for the full-text table, but removed from all texts. */
export const tagMark = "\u0001"

/**
 * Text for the full-text table: each CJK character becomes a word, and a letter and its combining mark become one
 * character if there is one, as typed on a keyboard.
 */
export function spaceCjkText(text: string): string {
  const plain = (text.includes(tagMark) ? text.replaceAll(tagMark, " ") : text).normalize("NFC")
  return cjk.test(plain) ? plain.replace(everyCjk, " $& ") : plain
}

const token = /[\p{L}\p{N}\p{Co}][\p{L}\p{N}\p{Co}\p{M}]*/gu

export interface Word {
  readonly word: string
  readonly from: number
  readonly to: number
}

/** The words of a text as they are indexed, with their positions. */
export function* wordsOf(text: string): Generator<Word> {
  for (const match of text.matchAll(token)) {
    const [found] = match
    if (!cjk.test(found)) {
      yield { word: fold(found), from: match.index, to: match.index + found.length }
      continue
    }
    let from = match.index
    for (const piece of found.split(cjkCluster)) {
      if (piece !== "") yield { word: fold(piece), from, to: from + piece.length }
      from += piece.length
    }
  }
}
