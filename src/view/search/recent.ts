import type { IndexedPart } from "../../operations/search/search.ts"
import { count } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { fit, plain } from "../terminal/sanitize.ts"
import {
  type AnswerView,
  lines,
  projectName,
  sessionName,
  shortened,
  speaker,
  tokensIn,
  when,
} from "./part.ts"

/** About what the first line costs. */
const titleTokens = 25

/** As much of a message as a memory needs. */
const briefColumns = 400

/**
 * In order, fit to be pasted into a prompt: standard output holds nothing else. What does not fit into `maxTokens` is
 * left out from the oldest on.
 */
export function showRecent(parts: readonly IndexedPart[], view: AnswerView, out: Output): void {
  const entries = parts.map((part, index) => ({
    head: startsAnew(parts[index - 1], part) ? headline(part, view) : null,
    full: headline(part, view),
    body: body(part, view),
  }))
  const most = view.maxTokens ?? Number.POSITIVE_INFINITY
  let first = entries.length
  let tokens = titleTokens
  while (first > 0) {
    const { head, full, body } = entries[first - 1] ?? { head: null, full: "", body: "" }
    const asFirst = tokens + tokensIn(full) + tokensIn(body)
    if (asFirst > most && first < entries.length) break
    tokens += tokensIn(head ?? "") + tokensIn(body)
    first--
  }
  const kept = entries.slice(first)
  const text = kept.flatMap(({ head, full, body }, index) => [
    ...(index === 0 ? [full] : head === null ? [] : [head]),
    kept.length > 1 ? body : shortened(body, most - titleTokens - tokensIn(full)),
  ])
  const left = first === 0 ? "" : `, ${first} older ones left out`
  out.print(
    `# The newest ${count(kept.length, "message")}${left}, about ${tokensIn(text.join("\n"))} tokens, the oldest first`,
  )
  for (const line of text) out.print(line)
  const session = parts.at(-1)?.session.slice(0, 8)
  out.note(`Next: session-rescue show ${session}   (all of it; resume ${session} brings it back)`)
}

function startsAnew(before: IndexedPart | undefined, part: IndexedPart): boolean {
  return before?.session !== part.session || (part.time ?? 0) - (before.time ?? 0) > 30 * 60_000
}

function headline(part: IndexedPart, { now, format }: AnswerView): string {
  return `${format === "md" ? "## " : "\n"}${when(part, now)} · ${projectName(part)} · ${sessionName(part)}`
}

function body(part: IndexedPart, { format }: AnswerView): string {
  if (format === "brief")
    return `${speaker(part)}: ${fit(plain(part.text.slice(0, 4 * briefColumns)), briefColumns)}`
  const name = format === "md" ? `**${speaker(part)}:** ` : `${speaker(part)}: `
  return name + lines(part.text).join("\n")
}
