import { speakerName } from "../../domain/agent-name.ts"
import { contains, type HitLocation } from "../../domain/conversation/hit-location.ts"
import type { Part } from "../../domain/conversation/message-part.ts"
import { type ExitCode, exitCodes, isRescueError, type RescueError } from "../../domain/errors.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { Readable, ShownItem } from "../../operations/search/show.ts"
import { errorDocument, iso, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { lines } from "./part.ts"
import { fenceText, foldText } from "./show-folded.ts"
import { ToolLines } from "./show-tools.ts"

export interface ShowView {
  /** Whose session it is. */
  readonly agent: string
  readonly format: "text" | "md"
  /** Location of the requested hit. */
  readonly hit: HitLocation | null
  /** Show whole calls and results instead of one line each. */
  readonly tools?: boolean
  /** Show everything in full, including the client's own texts. */
  readonly allParts?: boolean
}

type PartItem = ShownItem & { type: "part" }

export function showHead({ id, from, path }: Readable, { format }: ShowView, out: Output): void {
  const where =
    from === "live"
      ? `read from ${sanitize(path ?? "")}`
      : from === "index"
        ? path === null
          ? "from the index: its file no longer exists"
          : `from the index: no longer in ${sanitize(path)}`
        : `read from the export ${sanitize(from)}`
  out.print(format === "md" ? `# Session ${id}\n\n*${where}*` : `${id} · ${where}`)
}

export function isHit(item: ShownItem, hit: ShowView["hit"]): boolean {
  return hit !== null && item.type === "part" && contains(item, hit)
}

/** Prints items one by one; `end` after the last. */
export class ConversationPrinter {
  readonly #view: ShowView
  readonly #out: Output
  readonly #tools: ToolLines

  constructor(view: ShowView, out: Output) {
    this.#view = view
    this.#out = out
    this.#tools = new ToolLines(view, out)
  }

  item(item: ShownItem): void {
    const { kind } = item.type === "part" ? item.part : { kind: null }
    const isOpen = isHit(item, this.#view.hit) || this.#view.tools === true || this.#view.allParts === true
    if (item.type === "part" && !isOpen && this.#tools.take(item)) return
    this.#tools.flush()
    if (item.type === "document") this.#document(item)
    else if (item.type === "damaged") this.#damaged(item)
    else if (kind === "thinking" && !isOpen) this.#line(`thinking: ${foldText(item.part.text, 1).join(" ")}`)
    else if (kind === "attachment" && !isOpen)
      this.#line(`attached: ${foldText(item.part.text, 1).join(" ")}`)
    else this.#part(item, isOpen)
  }

  end(): void {
    this.#tools.flush()
  }

  #line(text: string): void {
    const { format } = this.#view
    this.#out.print(format === "md" ? `\n*${text}*` : this.#out.paint.dim(`\n${text}`))
  }

  #document({ form, document, owner }: ShownItem & { type: "document" }): void {
    const { paint } = this.#out
    const what =
      owner !== undefined
        ? `In the file of ${sanitize(shortId(owner))}`
        : form === "text"
          ? "Kept tool output"
          : "Subagent"
    const title = document === "" ? what : `${what}: ${sanitize(document)}`
    this.#out.print(this.#view.format === "md" ? `\n## ${title}\n` : paint.bold(`\n──── ${title} ────`))
  }

  #damaged({ length, offset, why }: ShownItem & { type: "damaged" }): void {
    const says = `damaged: ${length} bytes at ${offset} cannot be read (${sanitize(why)})`
    this.#out.print(this.#view.format === "md" ? `\n> **${says}**\n` : this.#out.paint.red(`\n! ${says}`))
  }

  #part(item: PartItem, isOpen: boolean): void {
    const { part, time, subagent } = item
    const { format, hit: place } = this.#view
    const { paint } = this.#out
    const hit = isHit(item, place)
    const says = who(part, this.#view.agent)
    const head = [
      ...(hit ? ["→ the hit"] : []),
      part.queued === true ? `${says}, queued: never sent to the model` : says,
      ...(subagent === null ? [] : [`subagent ${sanitize(subagent)}`]),
      ...(time === null ? [] : [`${new Date(time).toISOString().slice(0, 19).replace("T", " ")}Z`]),
    ].join(" · ")
    if (part.kind === "compaction" || part.kind === "summary") {
      const what =
        part.kind === "compaction" ? "compacted here: the client no longer sees what is above" : "summary"
      this.#out.print(format === "md" ? `\n---\n*${what}*\n` : paint.yellow(`\n════ ${what} ════`))
      if (part.kind === "compaction") return
    } else if (format === "md") this.#out.print(`\n### ${head}\n`)
    else this.#out.print(`\n${hit ? paint.bold(paint.yellow(head)) : colour(part, this.#out)(head)}`)
    const isLong = part.kind === "summary" || part.kind === "tool_result"
    const text =
      isLong && !isOpen ? foldText(part.text, 4) : format === "md" ? markdown(part) : lines(part.text)
    for (const line of text) this.#out.print(format === "md" ? line : `  ${line}`)
  }
}

function who(part: Part, agent: string): string {
  if (part.role === "system") return part.isError === true ? "the client FAILED" : "the client"
  if (part.kind === "thinking") return "thinking"
  if (part.kind === "tool_use")
    return part.role === "user" ? "you run" : `runs ${sanitize(part.tool ?? "a tool")}`
  if (part.kind === "tool_result") return part.isError === true ? "the tool FAILED" : "the tool answered"
  if (part.kind === "attachment") return part.role === "user" ? "you attached" : "attachment"
  if (part.kind === "prompt") return "you (only this prompt remains)"
  if (part.kind === "title") return "named"
  return part.role === "assistant" ? speakerName(agent) : part.role === "user" ? "you" : part.role
}

function colour({ kind, role }: Part, { paint }: Output): (text: string) => string {
  if (kind === "thinking" || kind === "tool_result" || kind === "attachment") return paint.dim
  return role === "user" ? paint.green : role === "system" ? paint.dim : paint.cyan
}

/** Input and output of tools is fenced, because it is not Markdown. */
function markdown(part: Part): string[] {
  return part.kind === "text" || part.kind === "summary" ? lines(part.text) : fenceText(part.text)
}

/**
 * Writes one JSON document item by item: a session may be larger than memory. An error on the way is part of the
 * document's end, so that the document stays valid.
 */
export async function printShown(
  { id, from, path, items }: Readable,
  warnings: readonly string[],
  out: Output,
  isUnread: () => boolean = () => false,
): Promise<ExitCode> {
  const head = { schemaVersion, id, from, path }
  out.print(`${JSON.stringify(head).slice(0, -1)},"items":[`)
  let between = ""
  let failure: RescueError | null = null
  try {
    for await (const item of items) {
      out.print(between + JSON.stringify(itemFacts(item)))
      between = ","
      if (isUnread()) return exitCodes.done
    }
  } catch (error) {
    if (!isRescueError(error) || error.code === "ANSWER_LOST") throw error
    failure = error
  }
  const end = { warnings, ...(failure === null ? {} : { error: errorDocument(failure).error }) }
  out.print(`],${JSON.stringify(end).slice(1)}`)
  return failure?.exitCode ?? exitCodes.done
}

function itemFacts(item: ShownItem): object {
  return item.type === "part" ? { ...item, time: iso(item.time) } : item
}
