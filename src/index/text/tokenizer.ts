import { cjkSource } from "./cjk.ts"

/** How text becomes words: the full-text table's own way (letters and digits, folded), and CJK by single signs. */

const cjk = new RegExp(cjkSource, "u")
const everyCjk = new RegExp(cjkSource, "gu")
/** With its mark, or a Korean syllable that is written letter by letter. */
const cjkCluster = new RegExp(
  `([\\u1100-\\u115f][\\u1160-\\u11a7][\\u11a8-\\u11ff]?|${cjkSource}\\p{M}*)`,
  "u",
)

/** Stands before the words that filters look for: a letter to the full-text table, and to no text. */
export const tagMark = "\u0001"

/**
 * Text for the full-text table: languages without blanks are split, so that each sign is a word; a letter and its mark
 * are one sign where there is one for both, as in what a person types.
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

/** A text's words as they are indexed, with their places. */
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

/**
 * Lower case, without accents where the full-text table leaves them out: on the letters from a to z. To it й is no и
 * with something on top, が no か, and the vowel signs of India are no accents.
 */
export function fold(word: string): string {
  if (/^[\x00-\x7f]*$/.test(word)) return word.toLowerCase()
  const bare = word.normalize("NFD").replace(/([A-Za-z])\p{M}+/gu, "$1")
  return bare
    .normalize("NFC")
    .replace(/[\u0300-\u0331]/g, "")
    .toLowerCase()
}
