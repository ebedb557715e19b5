import type { Readable, ShownItem } from "../pipeline/show.ts"
import { type HitPlace, holds } from "../session/hit-place.ts"
import type { Part } from "../session/part.ts"
import { lines } from "./cxq-part.ts"
import type { Output } from "./output.ts"
import { plain } from "./plain.ts"

export interface ShowView {
  readonly format: "text" | "md"
  /** Where the hit lies that was asked for. */
  readonly hit: HitPlace | null
}

export function showHead({ id, from, path }: Readable, { format }: ShowView, out: Output): void {
  const where =
    from === "live"
      ? `read from ${plain(path ?? "")}`
      : from === "index"
        ? path === null
          ? "from the index: no file holds it any more"
          : `from the index: it is not in ${plain(path)} any more`
        : `read from the export ${plain(from)}`
  out.print(format === "md" ? `# Session ${id}\n\n*${where}*` : `${id} · ${where}`)
}

export function showItem(item: ShownItem, { format, hit }: ShowView, out: Output): void {
  const { paint } = out
  if (item.is === "document") {
    const [what, name] = [item.form === "text" ? "Kept tool output" : "Subagent", plain(item.document)]
    out.print(format === "md" ? `\n## ${what}: ${name}\n` : paint.bold(`\n──── ${what}: ${name} ────`))
  } else if (item.is === "damaged") {
    const says = `damaged: ${item.length} bytes at ${item.offset} cannot be read (${plain(item.why)})`
    out.print(format === "md" ? `\n> **${says}**\n` : paint.red(`\n! ${says}`))
  } else showPart(item, format, isHit(item, hit), out)
}

export function isHit(item: ShownItem, hit: ShowView["hit"]): boolean {
  return hit !== null && item.is === "part" && holds(item, hit)
}

function showPart(
  item: ShownItem & { is: "part" },
  format: ShowView["format"],
  hit: boolean,
  out: Output,
): void {
  const { part, time, subagent } = item
  const { paint } = out
  const head = [
    ...(hit ? ["→ the hit"] : []),
    who(part),
    ...(subagent === null ? [] : [`subagent ${plain(subagent)}`]),
    ...(time === null ? [] : [`${new Date(time).toISOString().slice(0, 19).replace("T", " ")}Z`]),
  ].join(" · ")
  if (part.kind === "compaction" || part.kind === "summary") {
    const what =
      part.kind === "compaction" ? "compacted here: the client no longer sees what is above" : "summary"
    out.print(format === "md" ? `\n---\n*${what}*\n` : paint.yellow(`\n════ ${what} ════`))
    if (part.kind === "compaction") return
  } else if (format === "md") out.print(`\n### ${head}\n`)
  else out.print(`\n${hit ? paint.bold(paint.yellow(head)) : colour(part, out)(head)}`)
  for (const line of format === "md" ? markdown(part) : lines(part.text))
    out.print(format === "md" ? line : `  ${line}`)
}

function who(part: Part): string {
  if (part.kind === "thinking") return "thinking"
  if (part.kind === "tool_use") return `runs ${plain(part.tool ?? "a tool")}`
  if (part.kind === "tool_result") return part.isError === true ? "the tool FAILED" : "the tool answered"
  if (part.kind === "attachment") return "attachment"
  return part.role === "assistant" ? "claude" : part.role === "user" ? "you" : part.role
}

function colour({ kind, role }: Part, { paint }: Output): (text: string) => string {
  if (kind === "thinking" || kind === "tool_result" || kind === "attachment") return paint.dim
  return role === "user" ? paint.green : paint.cyan
}

/** What a tool was given and answered is no Markdown of its own; a fence longer than any in it holds it. */
function markdown(part: Part): string[] {
  if (part.kind === "text" || part.kind === "summary") return lines(part.text)
  const longest = Math.max(2, ...(part.text.match(/`+/g) ?? []).map((run) => run.length))
  const fence = "`".repeat(longest + 1)
  return [fence, ...lines(part.text), fence]
}
