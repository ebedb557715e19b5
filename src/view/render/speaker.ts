import { speakerName } from "../../domain/agent-name.ts"
import type { Part } from "../../domain/conversation/message-part.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { ShownItem } from "../../operations/search/show.ts"
import { formatSecond } from "../terminal/format.ts"

/** Who says a part. Untrusted where a tool is named: it is sanitized or escaped by the printer. */
export function speakerOf(part: Part, agent: string): string {
  if (part.role === "system") return part.isError === true ? "the client FAILED" : "the client"
  if (part.kind === "thinking") return "thinking"
  if (part.kind === "tool_use") return part.role === "user" ? "you run" : `runs ${part.tool ?? "a tool"}`
  if (part.kind === "tool_result") return part.isError === true ? "the tool FAILED" : "the tool answered"
  if (part.kind === "attachment") return part.role === "user" ? "you attached" : "attachment"
  if (part.kind === "prompt") return "you (only this prompt remains)"
  if (part.kind === "title") return "named"
  return part.role === "assistant" ? speakerName(agent) : part.role === "user" ? "you" : part.role
}

/**
 * A part and where it comes from: the speaker, the subagent, the time; local on a terminal, UTC in Markdown, which others read
 * elsewhere.
 */
export function headOf(
  item: ShownItem & { type: "part" },
  { agent, format }: { readonly agent: string; readonly format: "text" | "md" },
  isTheHit: boolean,
): string[] {
  const { part, time, subagent } = item
  const says = speakerOf(part, agent)
  const at = (ms: number) =>
    format === "text" ? formatSecond(ms) : `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")}Z`
  return [
    ...(isTheHit ? ["→ the hit"] : []),
    part.queued === true ? `${says}, queued: never sent to the model` : says,
    ...(subagent === null ? [] : [`subagent ${subagent}`]),
    ...(time === null ? [] : [at(time)]),
  ]
}

export function documentTitle({ form, document, owner }: ShownItem & { type: "document" }): string {
  const what =
    owner !== undefined
      ? `In the file of ${shortId(owner)}`
      : form === "text"
        ? "Kept tool output"
        : "Subagent"
  return document === "" ? what : `${what}: ${document}`
}

export function damageLine({ length, offset, why }: ShownItem & { type: "damaged" }): string {
  return `damaged: ${length} bytes at ${offset} cannot be read (${why})`
}

export const compactedHere = "compacted here: the client no longer sees what is above"

/** A call in one line: the beginning of the command or of the input. */
export function callLine(part: Part, characters: number): string {
  return (part.command ?? part.text).slice(0, 4 * characters).replace(/\s+/g, " ")
}

export function callName(part: Part): string {
  return part.role === "user" ? "!" : (part.tool ?? "a tool")
}

export function outcomeOf(result: Part | null): "no result" | "FAILED" | "ok" {
  return result === null ? "no result" : result.isError === true ? "FAILED" : "ok"
}
