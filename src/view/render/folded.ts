import { fitColumns, lines } from "../terminal/sanitize.ts"

/** Maximum line width of a folded text. */
const maxLineWidth = 200
/** Characters of a text that are searched for its first lines. */
const maxFoldedChars = 4000

/** The first lines of a text, and how many more there are. */
export function foldText(text: string, most: number): string[] {
  const all = lines(text.slice(0, maxFoldedChars)).filter((line) => line.trim() !== "")
  const more = countLines(text) - Math.min(most, all.length)
  const shown = all.slice(0, most).map((line) => fitColumns(line.trimEnd(), maxLineWidth))
  return more > 0 ? [...shown, `… +${more} lines`] : shown
}

function countLines(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at)
    const line = text.slice(at, end === -1 ? text.length : Math.min(end, at + 1000))
    if (line.trim() !== "") count++
    at = end === -1 ? text.length : end + 1
  }
  return count
}

/** Encloses a text in a fence longer than any fence in it. */
export function fenceText(text: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = "`".repeat(longest + 1)
  return [fence, ...lines(text), fence]
}
