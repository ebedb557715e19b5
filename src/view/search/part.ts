import type { Format } from "../../domain/conversation/result-format.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { Hit, IndexedPart } from "../../operations/search/search.ts"
import { formatAge } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { fitColumns, sanitize } from "../terminal/sanitize.ts"

/** How answers of the index are to be shown. */
export interface AnswerView {
  readonly format: Format
  readonly maxTokens: number | null
  readonly now: number
  readonly home: string
  /** The folder to which the question was kept, as that is where it was asked. */
  readonly scope: string | null
}

/** Who speaks, as a person says it. */
export function speaker({ role, kind, tool, subagent, isError }: IndexedPart): string {
  const who =
    kind === "thinking"
      ? "thinking"
      : kind === "tool_use"
        ? (tool ?? "tool")
        : kind === "tool_result"
          ? `${tool ?? "tool"} ${isError ? "FAILED" : "answered"}`
          : kind === "summary" || kind === "compaction" || kind === "attachment"
            ? role === "system"
              ? `${kind}, the client's own`
              : kind
            : kind === "title"
              ? "its name"
              : kind === "prompt"
                ? "you (only this prompt is left)"
                : role === "system"
                  ? "the client"
                  : role === "assistant"
                    ? "claude"
                    : role === "user"
                      ? "you"
                      : role
  return sanitize(subagent === null ? who : `${who} (subagent ${subagent})`)
}

/** Which session, as short as it can be told. */
export function sessionName({ session, title }: IndexedPart): string {
  return sanitize(title === null ? shortId(session) : `${shortId(session)} "${fitColumns(title, 50)}"`)
}

export function projectName({ project }: IndexedPart): string {
  return project === null
    ? "folder unknown"
    : sanitize(
        project
          .split("/")
          .filter((part) => part !== "")
          .at(-1) ?? project,
      )
}

export function formatPartTime(part: IndexedPart, now: number): string {
  if (part.time === null) return "time unknown"
  return `${new Date(part.time).toISOString().slice(0, 16).replace("T", " ")}Z, ${formatAge(part.time, now)}`
}

/** The snippet with what was found marked: by colour, or where there is none by «». */
export function highlight(snippet: Hit["snippet"], format: Format, out: Output): string {
  const coloured = out.paint.bold("x") !== "x"
  const mark = (found: string) =>
    format === "md" ? `**${found}**` : coloured ? out.paint.bold(out.paint.yellow(found)) : `«${found}»`
  let shown = ""
  let at = 0
  for (const [from, to] of snippet.marks) {
    shown += sanitize(snippet.text.slice(at, from)) + mark(sanitize(snippet.text.slice(from, to)))
    at = to
  }
  return shown + sanitize(snippet.text.slice(at))
}

/** A text over several lines, each safe; `plain` would put all of it on one. */
export function lines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => sanitize(line.replaceAll("\t", "  ")))
}

/** What a model would count, roughly: four characters of most writing make one token, one of CJK. */
export function tokensIn(text: string): number {
  const wide = text.match(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g)?.length ?? 0
  return Math.ceil((text.length - wide) / 4) + wide
}

/** So much of a text as comes to about so many tokens, and a sentence at least. */
export function shortenToTokens(text: string, tokens: number): string {
  const all = tokensIn(text)
  const wanted = Math.max(40, tokens)
  if (all <= wanted) return text
  return `${text.slice(0, Math.floor((text.length * wanted) / all)).replace(/[\ud800-\udbff]$/, "")}…`
}

/** How many of what is to be shown fit into so many tokens; the first does in any case. */
export function countFitting(texts: readonly string[], maxTokens: number | null): number {
  let tokens = 0
  const over = texts.findIndex((text, index) => {
    tokens += tokensIn(text)
    return maxTokens !== null && tokens > maxTokens && index > 0
  })
  return over === -1 ? texts.length : over
}
