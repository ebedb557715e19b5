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
    ({ typed, tried }) => `No text holds "${said(typed)}": looked for "${said(tried)}" instead.`,
  )
  if (match === "forms")
    lines.push("Nothing holds all of it as it was typed: found in other forms of the words.")
  if (match === "most") {
    lines.push("Nothing holds all of it. These are the best for most of it, one of each session:")
    if (absent.length > 0) lines.push(`  in no text: ${list(absent)}`)
    if (dropped.length > 0) lines.push(`  not looked for: ${list(dropped)}`)
  }
  if (suggested.length > 0) lines.push(`Spelt alike: ${list(suggested)}`)
  return lines
}

const said = (word: string) => fitColumns(sanitize(word), 60)
const list = (words: readonly string[]) => fitColumns(sanitize(words.join(", ")), 200)
