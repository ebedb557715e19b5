import { speakerName } from "../../domain/agent-name.ts"
import type { Format } from "../../domain/conversation/result-format.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { Hit, IndexedPart } from "../../operations/search/search.ts"
import { formatAge, formatMinute } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { fitColumns, sanitize } from "../terminal/sanitize.ts"

/** How to show answers of the index. */
export interface AnswerView {
  readonly format: Format
  readonly maxTokens: number | null
  readonly now: number
  readonly home: string
  /** The folder to which the query was restricted because it came from there. */
  readonly scope: string | null
}

/** The speaker, as shown to the user. */
export function speaker({ agent, role, kind, tool, subagent, isError }: IndexedPart): string {
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
                ? "you (only this prompt remains)"
                : role === "system"
                  ? "the client"
                  : role === "assistant"
                    ? speakerName(agent)
                    : role === "user"
                      ? "you"
                      : role
  return sanitize(subagent === null ? who : `${who} (subagent ${subagent})`)
}

/** The session in short form. */
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
  return `${formatMinute(part.time)}, ${formatAge(part.time, now)}`
}

/** The snippet with its matches marked: by colour, or by «» without colours. */
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

/** Estimated number of tokens: four characters each in most scripts, one in CJK. */
export function tokensIn(text: string): number {
  const wide = text.match(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g)?.length ?? 0
  return Math.ceil((text.length - wide) / 4) + wide
}

/** The beginning of a text, of about `tokens` tokens, but at least a sentence. */
export function shortenToTokens(text: string, tokens: number): string {
  const all = tokensIn(text)
  const wanted = Math.max(40, tokens)
  if (all <= wanted) return text
  return `${text.slice(0, Math.floor((text.length * wanted) / all)).replace(/[\ud800-\udbff]$/, "")}…`
}

/** Number of texts that fit into `maxTokens`, but at least one. */
export function countFitting(texts: readonly string[], maxTokens: number | null): number {
  let tokens = 0
  const over = texts.findIndex((text, index) => {
    tokens += tokensIn(text)
    return maxTokens !== null && tokens > maxTokens && index > 0
  })
  return over === -1 ? texts.length : over
}
