/** Shows search results and conversations, as text, Markdown or JSON. */

import { shortId } from "../../domain/session/session-id.ts"
import type { Answer, Around, Hit, IndexedPart, QuestionAnswer } from "../../operations/search/search.ts"
import { count, shortPath } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { fitColumns, lines, sanitize } from "../terminal/sanitize.ts"
import { describeLooseMatch } from "./how.ts"
import { showCommands, showFailures, showFiles } from "./lists.ts"
import {
  type AnswerView,
  formatPartTime,
  highlight,
  projectName,
  sessionName,
  shortenToTokens,
  speaker,
  tokensIn,
} from "./part.ts"

export function showAnswer(answer: Answer, around: Around, view: AnswerView, out: Output): void {
  if (answer.type === "recent") showRecent(answer.list, view, out)
  else if (answer.type === "commands") showCommands(answer.list, view, out)
  else if (answer.type === "files") showFiles(answer.list, view, out)
  else if (answer.type === "errors") showFailures(answer.list, view, out)
  else showHits(answer.found, around, view, out)
  if (view.scope !== null) {
    const where = sanitize(shortPath(view.scope, view.home))
    out.note(`Searched only ${where} and below, the current folder: --everywhere searches every project.`)
  }
}

/** The best first, each with its origin and the command that shows it. */
export function showHits(found: QuestionAnswer, around: Around, view: AnswerView, out: Output): void {
  const { paint } = out
  let tokens = 0
  let shown = 0
  for (const line of describeLooseMatch(found)) out.print(paint.yellow(line))
  for (const hit of found.hits) {
    const text = [
      paint.cyan(
        `${view.format === "md" ? "### " : ""}${formatPartTime(hit, view.now)} · ${projectName(hit)} · ${speaker(hit)} · ${sessionName(hit)}`,
      ),
      ...(view.format === "brief" ? brief(hit, view, out) : whole(hit, view)),
      ...missingLines(hit).map((line) => paint.dim(line)),
      ...around(hit.part).flatMap((each) =>
        each.part === hit.part ? ["  >"] : [paint.dim(`  ${oneLine(each, out)}`)],
      ),
      paint.dim(
        `  session-rescue show ${shortId(hit.session)} --around ${hit.part} · session-rescue resume ${shortId(hit.session)}`,
      ),
    ].join("\n")
    tokens += tokensIn(text)
    if (view.maxTokens !== null && tokens > view.maxTokens && shown > 0) break
    out.print(text)
    shown++
  }
  const total = found.totalIsExact ? `${found.total}` : `at least ${found.total}`
  const what = found.match === "most" ? ` ${found.total === 1 ? "session" : "sessions"}` : ""
  out.print(paint.bold(`${shown} of ${total}${what} shown.`))
  const first = found.hits[0]
  if (first !== undefined) {
    out.print(
      `Next: session-rescue resume ${shortId(first.session)}   (the command that resumes that session)`,
    )
  }
}

function brief(hit: Hit, { format }: AnswerView, out: Output): string[] {
  const named = hit.titleSnippet === null ? [] : [`  title: ${highlight(hit.titleSnippet, format, out)}`]
  return hit.snippet.marks.length === 0 && named.length > 0
    ? named
    : [`  ${highlight(hit.snippet, format, out)}`]
}

/** Terms that the hit does not contain, and whether its session does. */
function missingLines({ missing, elsewhere }: Hit): string[] {
  const nowhere = missing.filter((word) => !elsewhere.includes(word))
  return [
    ...(elsewhere.length === 0 ? [] : [`  elsewhere in this session: ${sanitize(elsewhere.join(", "))}`]),
    ...(nowhere.length === 0 ? [] : [`  not in this message: ${sanitize(nowhere.join(", "))}`]),
  ]
}

function whole(part: IndexedPart, { format, maxTokens }: AnswerView): string[] {
  const text = maxTokens === null ? part.text : shortenToTokens(part.text, maxTokens)
  if (format === "md") return ["", ...text.split("\n").map((line) => `> ${sanitize(line)}`), ""]
  return lines(text).map((line) => `  ${line}`)
}

function oneLine(part: IndexedPart, out: Output): string {
  return fitColumns(`${speaker(part)}: ${sanitize(part.text.slice(0, 400))}`, (out.columns ?? 160) - 2)
}

/** Approximate cost of the first line. */
const titleTokens = 25

/** Characters of a message that are enough to recognize it. */
const briefColumns = 400

/**
 * In chronological order, ready to be pasted into a prompt: standard output contains nothing else. If `maxTokens` is
 * exceeded, the oldest messages are left out.
 */
export function showRecent(parts: readonly IndexedPart[], view: AnswerView, out: Output): void {
  const entries = parts.map((part, index) => ({
    head: startsSection(parts[index - 1], part) ? headline(part, view) : null,
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
    kept.length > 1 ? body : shortenToTokens(body, most - titleTokens - tokensIn(full)),
  ])
  const left = first === 0 ? "" : `, ${first} older ones left out`
  out.print(
    `# The newest ${count(kept.length, "message")}${left}, about ${tokensIn(text.join("\n"))} tokens, oldest first`,
  )
  for (const line of text) out.print(line)
  const session = shortId(parts.at(-1)?.session)
  out.note(`Next: session-rescue show ${session}   (show all of it; resume ${session} resumes it)`)
}

function startsSection(before: IndexedPart | undefined, part: IndexedPart): boolean {
  return before?.session !== part.session || (part.time ?? 0) - (before.time ?? 0) > 30 * 60_000
}

function headline(part: IndexedPart, { now, format }: AnswerView): string {
  return `${format === "md" ? "## " : "\n"}${formatPartTime(part, now)} · ${projectName(part)} · ${sessionName(part)}`
}

function body(part: IndexedPart, { format }: AnswerView): string {
  if (format === "brief")
    return `${speaker(part)}: ${fitColumns(sanitize(part.text.slice(0, 4 * briefColumns)), briefColumns)}`
  const name = format === "md" ? `**${speaker(part)}:** ` : `${speaker(part)}: `
  return name + lines(part.text).join("\n")
}
