import type { QuestionAnswer } from "../../operations/search/search.ts"
import { fitColumns, sanitize } from "../terminal/sanitize.ts"

/** How the query was changed, shown before the hits: a partial match must not be taken for a full one. */
export function describeLooseMatch({
  match,
  corrected,
  dropped,
  absent,
  suggested,
}: QuestionAnswer): string[] {
  const lines = corrected.map(
    ({ typed, tried }) => `No match for "${said(typed)}": searched for "${said(tried)}" instead.`,
  )
  if (match === "forms") lines.push("No exact match: these match other forms of the words.")
  if (match === "most") {
    lines.push("Nothing matches all words. Best partial matches, one per session:")
    if (absent.length > 0) lines.push(`  not found: ${list(absent)}`)
    if (dropped.length > 0) lines.push(`  not searched for: ${list(dropped)}`)
  }
  if (suggested.length > 0) lines.push(`Similar words: ${list(suggested)}`)
  return lines
}

const said = (word: string) => fitColumns(sanitize(word), 60)
const list = (words: readonly string[]) => fitColumns(sanitize(words.join(", ")), 200)
