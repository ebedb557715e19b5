import type { HitLocation } from "../../domain/conversation/hit-location.ts"
import type { Part } from "../../domain/conversation/message-part.ts"
import type { ShownItem } from "../../operations/search/show.ts"

import type { Output } from "../terminal/output.ts"
import { fitColumns, lines, sanitize } from "../terminal/sanitize.ts"
import { EntryReader, isHit, type PartItem, type ShownEntry } from "./entries.ts"
import { fenceText, foldText } from "./folded.ts"
import { callLine, callName, compactedHere, damageLine, documentTitle, headOf, outcomeOf } from "./speaker.ts"

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

/** Width of a call. */
const maxCallWidth = 120
/** Lines of a result, and of a failure. */
const resultLines = 1
const failureLines = 3

/** Prints items one by one, as terminal text or Markdown; `end` after the last. */
export class ConversationPrinter {
  readonly #view: ShowView
  readonly #out: Output
  readonly #reader: EntryReader

  constructor(view: ShowView, out: Output) {
    this.#view = view
    this.#out = out
    this.#reader = new EntryReader((item) => !this.#isOpen(item))
  }

  item(item: ShownItem): void {
    for (const entry of this.#reader.read(item)) this.#entry(entry)
  }

  end(): void {
    for (const entry of this.#reader.end()) this.#entry(entry)
  }

  #isOpen(item: ShownItem): boolean {
    const { hit, tools, allParts } = this.#view
    return isHit(item, hit) || tools === true || allParts === true
  }

  #entry(entry: ShownEntry): void {
    const { paint } = this.#out
    if (entry.type === "turn") return
    if (entry.type === "document")
      this.#print(
        sanitize(documentTitle(entry)),
        (title) => `\n## ${title}\n`,
        (title) => paint.bold(`\n──── ${title} ────`),
      )
    else if (entry.type === "damaged")
      this.#print(
        sanitize(damageLine(entry)),
        (says) => `\n> **${says}**\n`,
        (says) => paint.red(`\n! ${says}`),
      )
    else if (entry.type === "call") this.#call(entry)
    else this.#said(entry.item)
  }

  #print(text: string, md: (text: string) => string, terminal: (text: string) => string): void {
    this.#out.print((this.#view.format === "md" ? md : terminal)(text))
  }

  #said(item: PartItem): void {
    const { kind, text } = item.part
    const isOpen = this.#isOpen(item)
    if (isOpen || (kind !== "thinking" && kind !== "attachment")) this.#part(item, isOpen)
    else
      this.#print(
        `${kind === "thinking" ? kind : "attached"}: ${foldText(text, 1).join(" ")}`,
        (line) => `\n*${line}*`,
        (line) => this.#out.paint.dim(`\n${line}`),
      )
  }

  #part(item: PartItem, isOpen: boolean): void {
    const { part } = item
    const { format, hit: place } = this.#view
    const { paint } = this.#out
    const hit = isHit(item, place)
    if (part.kind === "compaction" || part.kind === "summary") {
      const what = part.kind === "compaction" ? compactedHere : "summary"
      this.#print(
        what,
        () => `\n---\n*${what}*\n`,
        () => paint.yellow(`\n════ ${what} ════`),
      )
      if (part.kind === "compaction") return
    } else
      this.#print(
        headOf(item, this.#view, hit).map(sanitize).join(" · "),
        (head) => `\n### ${head}\n`,
        (head) => `\n${hit ? paint.bold(paint.yellow(head)) : colour(part, this.#out)(head)}`,
      )
    const isLong = part.kind === "summary" || part.kind === "tool_result"
    const text =
      isLong && !isOpen ? foldText(part.text, 4) : format === "md" ? markdown(part) : lines(part.text)
    for (const line of text) this.#out.print(format === "md" ? line : `  ${line}`)
  }

  #call({ item: { part }, result }: ShownEntry & { type: "call" }): void {
    const { paint } = this.#out
    const outcome = outcomeOf(result?.part ?? null)
    const colour = outcome === "ok" ? paint.green : outcome === "FAILED" ? paint.red : paint.yellow
    const name = sanitize(callName(part))
    const said = fitColumns(sanitize(callLine(part, maxCallWidth)), maxCallWidth)
    if (this.#view.format === "md") {
      this.#out.print(`\n- **${name}** ${said === "" ? "" : `\`${said.replaceAll("`", "'")}\` `}→ ${outcome}`)
      return
    }
    this.#out.print(`\n${paint.cyan("●")} ${name}${said === "" ? "" : ` ${said}`} → ${colour(outcome)}`)
    const most = result?.part.isError === true ? failureLines : resultLines
    for (const line of result === null ? [] : foldText(result.part.text, most))
      this.#out.print(paint.dim(`  ⎿ ${line}`))
  }
}

function colour({ kind, role }: Part, { paint }: Output): (text: string) => string {
  if (kind === "thinking" || kind === "tool_result" || kind === "attachment") return paint.dim
  return role === "user" ? paint.green : role === "system" ? paint.dim : paint.cyan
}

/** Input and output of tools is fenced, because it is not Markdown. */
function markdown(part: Part): string[] {
  return part.kind === "text" || part.kind === "summary" ? lines(part.text) : fenceText(part.text)
}
