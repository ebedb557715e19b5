import { type IndexSource, readLine, readPieces, type Skipped } from "../../index/index.ts"
import type { Part, ReadRecord, RecordParts } from "../../session/part.ts"

/** What a person is shown of a conversation, in the order in which it was written down. */
export type ShownItem =
  /** Another file of the footprint begins: a subagent's, or what a tool printed where that was kept apart. */
  | { readonly is: "document"; readonly document: string; readonly form: "records" | "text" }
  | (Pick<RecordParts, "time" | "model" | "subagent"> & {
      readonly is: "part"
      readonly part: Part
      readonly document: string
      /** Of the raw record in its file. */
      readonly offset: number
      readonly length: number
    })
  | ({ readonly is: "damaged"; readonly document: string } & Skipped)

/** Reads files one after the other, a line at a time: a transcript may be larger than memory. */
export async function* readConversation(
  sources: readonly IndexSource[],
  read: ReadRecord,
  signal: AbortSignal,
): AsyncGenerator<ShownItem> {
  for (const source of sources) {
    const { document, form = "records" } = source
    if (document !== "") yield { is: "document", document, form }
    if (form === "text") {
      const none = { time: source.textAt ?? null, model: null, subagent: null }
      for await (const { text, ...place } of readPieces(source)) {
        if (signal.aborted) return
        const part = { kind: "tool_result", role: "tool", text } as const
        yield { is: "part", part, ...none, document, ...place }
      }
      continue
    }
    for await (const line of readLine(source)) {
      if (signal.aborted) return
      for (const found of line.found) {
        const { offset, length } = found
        const about = read(found.record, document)
        if (about === null) continue
        const { time, model, subagent, parts } = line.whole(found, about)
        for (const part of parts) yield { is: "part", part, time, model, subagent, document, offset, length }
      }
      for (const each of line.skipped) yield { is: "damaged", document, ...each }
    }
  }
}
