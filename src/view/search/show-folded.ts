import { fitColumns } from "../terminal/sanitize.ts"
import { lines } from "./part.ts"

/** A line longer than this is cut where a text is folded. */
const maxLineWidth = 200
/** So much of a text is looked at for its first lines. */
const maxFoldedChars = 4000

/** The first lines of a text, and how many are left out. */
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

/** A fence longer than any in the text holds it. */
export function fenceText(text: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = "`".repeat(longest + 1)
  return [fence, ...lines(text), fence]
}
