import type { Around, IndexedPart, SearchResult } from "../pipeline/ask-index.ts"
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
} from "./cxq-part.ts"
import type { Output } from "./output.ts"
import { fit, plain } from "./plain.ts"

/** Best first, each with where it is from and how to get there. */
export function showHits(found: SearchResult, around: Around, view: AnswerView, out: Output): void {
  const { paint } = out
  let tokens = 0
  let shown = 0
  for (const hit of found.hits) {
    const text = [
      paint.cyan(
        `${view.format === "md" ? "### " : ""}${when(hit, view.now)} · ${projectName(hit)} · ${speaker(hit)} · ${sessionName(hit)}`,
      ),
      ...(view.format === "brief" ? [`  ${marked(hit, view.format, out)}`] : whole(hit, view)),
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
  out.print(paint.bold(`${shown} of ${total} shown.`))
  const first = found.hits[0]
  if (first !== undefined) {
    out.print(
      `Next: session-rescue resume ${first.session.slice(0, 8)}   (the line that brings that session back)`,
    )
  }
}

function whole(part: IndexedPart, { format, maxTokens }: AnswerView): string[] {
  const text = maxTokens === null ? part.text : shortened(part.text, maxTokens)
  if (format === "md") return ["", ...text.split("\n").map((line) => `> ${plain(line)}`), ""]
  return lines(text).map((line) => `  ${line}`)
}

function oneLine(part: IndexedPart, out: Output): string {
  return fit(`${speaker(part)}: ${plain(part.text.slice(0, 400))}`, (out.columns ?? 160) - 2)
}
