import type { Snippet } from "./snippet.ts"

/** A stretch of a text in one line, with the places found in it. */
export function flatten(
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
