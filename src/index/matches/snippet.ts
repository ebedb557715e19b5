/** Ranks matching texts and shows the sections with their matches. */

import type { Phrase } from "../query/ast.ts"
import { wordsOf } from "../text/tokenizer.ts"

export interface Snippet {
  /** One line: any white space is replaced by one blank. */
  readonly text: string
  /** Start and end of each match. */
  readonly marks: readonly (readonly [number, number])[]
}

/** Characters of a long text that are searched, around the first match. */
const windowChars = 100_000

/** The section of a text that contains the most matches. */
export function snippetOf(whole: string, phrases: readonly Phrase[], width = 160): Snippet {
  const text = whole.length > windowChars ? windowAround(whole, phrases) : whole
  const found = matchPositions(text, phrases)
  const first = densestStart(found, width)
  const middle = first === null ? width / 2 : first + width / 3
  const from = Math.max(0, Math.floor(Math.min(middle - width / 2, text.length - width)))
  const to = Math.min(text.length, from + width)
  return flatten(text, cutAtWord(text, from), to, found)
}

function windowAround(whole: string, phrases: readonly Phrase[]): string {
  const lower = whole.toLowerCase()
  for (const { words } of phrases) {
    for (
      let at = lower.indexOf(words[0] ?? "");
      at !== -1;
      at = lower.indexOf(words[0] ?? "", at + windowChars / 2)
    ) {
      const from = Math.max(0, at - 500)
      const text = whole.slice(from, from + windowChars)
      if (matchPositions(text, phrases).length > 0) return from > 0 ? `…${text}` : text
    }
  }
  // accents and characters that get longer in lower case shift the offsets or prevent a match: search each window
  for (let from = 0; from < whole.length; from += windowChars - 1000) {
    const text = whole.slice(from, from + windowChars)
    if (matchPositions(text, phrases).length > 0) return from > 0 ? `…${text}` : text
  }
  return whole.slice(0, windowChars)
}

function cutAtWord(text: string, from: number): number {
  if (from === 0) return 0
  const blank = text.slice(from, from + 20).search(/\s/)
  return blank === -1 ? from : from + blank + 1
}

/** A section of a text in one line, with its matches. */
function flatten(
  text: string,
  from: number,
  to: number,
  found: readonly (readonly [number, number])[],
): Snippet {
  let shown = from > 0 ? "…" : ""
  const marks: [number, number][] = []
  const place = new Map<number, number>()
  for (let at = from; at <= to; at++) {
    place.set(at, shown.length)
    const sign = text[at]
    if (at === to || sign === undefined) break
    if (/\s/.test(sign)) shown += shown.endsWith(" ") || shown === "" ? "" : " "
    else shown += sign
  }
  for (const [start, end] of found) {
    const [a, b] = [place.get(start), place.get(end)]
    if (a !== undefined && b !== undefined && a >= (marks.at(-1)?.[1] ?? 0)) marks.push([a, b])
  }
  return { text: to < text.length ? `${shown.trimEnd()}…` : shown.trimEnd(), marks }
}

/** All matches of the phrases, in order. */
function matchPositions(text: string, phrases: readonly Phrase[]): [number, number][] {
  const found: [number, number][] = []
  const lengths = phrases.map(({ words }) => words.length)
  const longest = Math.max(1, ...lengths)
  const window: { word: string; from: number; to: number }[] = []
  for (const word of wordsOf(text)) {
    window.push(word)
    if (window.length > longest) window.shift()
    for (const { words, prefix } of phrases) {
      const start = window.length - words.length
      if (start < 0) continue
      const fits = words.every((each, index) => {
        const seen = window[start + index]?.word ?? ""
        return prefix && index === words.length - 1 ? seen.startsWith(each) : seen === each
      })
      if (fits) found.push([window[start]?.from ?? 0, word.to])
    }
    if (found.length > 500) break
  }
  return found
}

/** Start of the section with the most matches; null when there are none. */
function densestStart(found: readonly (readonly [number, number])[], width: number): number | null {
  let best: number | null = null
  let most = 0
  for (const [index, [from]] of found.entries()) {
    let count = 0
    while ((found[index + count]?.[1] ?? Number.POSITIVE_INFINITY) <= from + width / 2) count++
    if (best === null || count > most) [best, most] = [from, count]
  }
  return best
}
