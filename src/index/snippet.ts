import { densest, placesOf, stretchOf } from "./phrase-places.ts"
import type { Phrase } from "./query.ts"

export interface Snippet {
  /** One line: white space of every kind is one blank. */
  readonly text: string
  /** Where the words that were searched for stand in it, from and to. */
  readonly marks: readonly (readonly [number, number])[]
}

/** The stretch of a text in which most of the phrases stand. */
export function snippetOf(whole: string, phrases: readonly Phrase[], width = 160): Snippet {
  const text = stretchOf(whole, phrases)
  const found = placesOf(text, phrases)
  const first = densest(found, width)
  const middle = first === null ? width / 2 : first + width / 3
  const from = Math.max(0, Math.floor(Math.min(middle - width / 2, text.length - width)))
  const to = Math.min(text.length, from + width)
  return flatten(text, cutAtWord(text, from), to, found)
}

function cutAtWord(text: string, from: number): number {
  if (from === 0) return 0
  const blank = text.slice(from, from + 20).search(/\s/)
  return blank === -1 ? from : from + blank + 1
}

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
