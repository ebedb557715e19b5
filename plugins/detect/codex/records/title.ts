import { type Context, remembered, type SessionId, type TranscriptRecord } from "session-rescue"
import { payloadOf } from "./turn.ts"

const namesKey = Symbol("names of Codex threads, by home")
const maxIndexBytes = 64 << 20

/** The name in `session_index.jsonl`: the client's, from the first prompt, or the user's. The last one counts. */
export function givenName(ctx: Context, home: string, id: SessionId): string | null {
  const homes = remembered(ctx, namesKey, () => new Map<string, ReadonlyMap<string, string>>())
  const names =
    homes.get(home) ?? readNames(ctx.files.text(`${home}/session_index.jsonl`, maxIndexBytes) ?? "")
  homes.set(home, names)
  return toLine(names.get(id))
}

function readNames(text: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const line of text.split("\n")) {
    try {
      const { id, thread_name: name } = JSON.parse(line) as Record<string, unknown>
      if (typeof id === "string" && typeof name === "string") names.set(id, name)
    } catch {
      // a torn or damaged line
    }
  }
  return names
}

/** What the user typed first. The client's own texts in a user's message begin with a tag (observed). */
export function firstPrompt(records: readonly TranscriptRecord[]): string | null {
  for (const record of records) {
    const { type, role, content } = payloadOf(record)
    if (record.type !== "response_item" || type !== "message" || role !== "user") continue
    const line = toLine(textIn(content))
    if (line !== null && !isByClient(line)) return line
  }
  return null
}

/** Instructions and context that the client adds as a message of the user. */
export function isByClient(text: string): boolean {
  return /^(<[a-z_]+[ >]|# AGENTS\.md instructions)/.test(text)
}

/** The text of a message's content. */
export function textIn(content: unknown): string {
  if (typeof content === "string") return content
  if (!Array.isArray(content)) return ""
  return content.flatMap((each) => (typeof each?.text === "string" ? each.text : [])).join("\n")
}

function toLine(value: unknown): string | null {
  if (typeof value !== "string") return null
  const line = value.slice(0, 800).replace(/\s+/g, " ").trim()
  return line === "" ? null : [...line].slice(0, 200).join("")
}
