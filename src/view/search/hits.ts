import type { Answered, Around, Hit, IndexedPart } from "../../operations/search/search.ts"
import type { Output } from "../terminal/output.ts"
import { fit, plain } from "../terminal/sanitize.ts"
import { sayHow } from "./how.ts"
import {
  type AnswerView,
  lines,
  marked,
  projectName,
  sessionName,
  shortened,
  speaker,
  tokensIn,
  when,
} from "./part.ts"

/** Best first, each with where it is from and how to get there. */
export function showHits(found: Answered, around: Around, view: AnswerView, out: Output): void {
  const { paint } = out
  let tokens = 0
  let shown = 0
  for (const line of sayHow(found)) out.print(paint.yellow(line))
  for (const hit of found.hits) {
    const text = [
      paint.cyan(
        `${view.format === "md" ? "### " : ""}${when(hit, view.now)} · ${projectName(hit)} · ${speaker(hit)} · ${sessionName(hit)}`,
      ),
      ...(view.format === "brief" ? brief(hit, view, out) : whole(hit, view)),
      ...lacking(hit).map((line) => paint.dim(line)),
      ...around(hit.part).flatMap((each) =>
        each.part === hit.part ? ["  >"] : [paint.dim(`  ${oneLine(each, out)}`)],
      ),
      paint.dim(
        `  session-rescue show ${hit.session.slice(0, 8)} --around ${hit.part} · session-rescue resume ${hit.session.slice(0, 8)}`,
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
      `Next: session-rescue resume ${first.session.slice(0, 8)}   (the line that brings that session back)`,
    )
  }
}

function brief(hit: Hit, { format }: AnswerView, out: Output): string[] {
  const named = hit.named === null ? [] : [`  title: ${marked(hit.named, format, out)}`]
  return hit.snippet.marks.length === 0 && named.length > 0
    ? named
    : [`  ${marked(hit.snippet, format, out)}`]
}

/** Where what is not here stands. */
function lacking({ missing, elsewhere }: Hit): string[] {
  const nowhere = missing.filter((word) => !elsewhere.includes(word))
  return [
    ...(elsewhere.length === 0 ? [] : [`  elsewhere in this session: ${plain(elsewhere.join(", "))}`]),
    ...(nowhere.length === 0 ? [] : [`  not in this message: ${plain(nowhere.join(", "))}`]),
  ]
}

function whole(part: IndexedPart, { format, maxTokens }: AnswerView): string[] {
  const text = maxTokens === null ? part.text : shortened(part.text, maxTokens)
  if (format === "md") return ["", ...text.split("\n").map((line) => `> ${plain(line)}`), ""]
  return lines(text).map((line) => `  ${line}`)
}

function oneLine(part: IndexedPart, out: Output): string {
  return fit(`${speaker(part)}: ${plain(part.text.slice(0, 400))}`, (out.columns ?? 160) - 2)
}
