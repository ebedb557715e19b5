import type { Part, ReadRecord, RecordParts } from "../../domain/conversation/message-part.ts"
import { type IndexSource, readLine, readTextChunks, type Skipped } from "../../index/index.ts"

/** One part of what was said, and where that stands. */
export type ShownPart = Pick<RecordParts, "time" | "model" | "subagent"> & {
  readonly type: "part"
  readonly part: Part
  /** The session that the record itself names; null: none. */
  readonly session: string | null
  readonly document: string
  /** Of the raw record in its file. */
  readonly offset: number
  readonly length: number
}

/** What a person is shown of a conversation, in the order in which it was written down. */
export type ShownItem =
  /**
   * Another file begins: a subagent's, what a tool printed where that was kept apart, or (`owner`) another session's, of which
   * only what names this session is shown.
   */
  | {
      readonly type: "document"
      readonly document: string
      readonly form: "records" | "text"
      readonly owner?: string
    }
  | ShownPart
  | ({ readonly type: "damaged"; readonly document: string } & Skipped)

/** Reads files one after the other, a line at a time: a transcript may be larger than memory. */
export async function* readConversation(
  sources: readonly IndexSource[],
  read: ReadRecord,
  signal: AbortSignal,
): AsyncGenerator<ShownItem> {
  for (const source of sources) {
    const { document, form = "records" } = source
    if (form === "whole") continue // a name, and no conversation
    const isText = form !== "records"
    if (document !== "") yield { type: "document", document, form: isText ? "text" : "records" }
    if (isText) {
      const none = { time: source.textAt ?? null, model: null, subagent: null, session: source.session }
      for await (const { text, ...place } of readTextChunks(source)) {
        if (signal.aborted) return
        const part = { kind: "tool_result", role: "tool", text } as const
        yield { type: "part", part, ...none, document, ...place }
      }
      continue
    }
    for await (const line of readLine(source)) {
      if (signal.aborted) return
      for (const found of line.found) {
        const { offset, length } = found
        const about = read(found.record, document)
        if (about === null) continue
        const { time, model, subagent, session, parts } = line.withFullTexts(found, about)
        for (const part of parts)
          yield { type: "part", part, time, model, subagent, session, document, offset, length }
      }
      for (const each of line.skipped) yield { type: "damaged", document, ...each }
    }
  }
}
