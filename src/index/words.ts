import { cjkSource } from "./cjk.ts"

/** How text becomes words: the full-text table's own way (letters and digits, folded), and CJK by single signs. */

const cjk = new RegExp(cjkSource, "u")
const everyCjk = new RegExp(cjkSource, "gu")
const oneCjk = new RegExp(`(${cjkSource})`, "u")

/** Stands before the words that filters look for: a letter to the full-text table, and to no text. */
export const sign = "\u0001"

/** Text for the full-text table: languages without blanks are split, so that each sign is a word. */
export function spaced(text: string): string {
  const plain = text.includes(sign) ? text.replaceAll(sign, " ") : text
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
    for (const piece of found.split(oneCjk)) {
      if (piece !== "") yield { word: fold(piece), from, to: from + piece.length }
      from += piece.length
    }
  }
}

/** Lower case without accents. */
export function fold(word: string): string {
  return /^[\x00-\x7f]*$/.test(word)
    ? word.toLowerCase()
    : word.normalize("NFD").replace(/\p{M}/gu, "").normalize("NFC").toLowerCase()
}
