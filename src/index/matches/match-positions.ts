import type { Phrase } from "../query/ast.ts"
import { wordsOf } from "../text/tokenizer.ts"

/** All places of the phrases, in order. */
export function placesOf(text: string, phrases: readonly Phrase[]): [number, number][] {
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

/** Where the stretch begins in which most of them stand; null when there are none. */
export function densest(found: readonly (readonly [number, number])[], width: number): number | null {
  let best: number | null = null
  let most = 0
  for (const [index, [from]] of found.entries()) {
    let count = 0
    while ((found[index + count]?.[1] ?? Number.POSITIVE_INFINITY) <= from + width / 2) count++
    if (best === null || count > most) [best, most] = [from, count]
  }
  return best
}
