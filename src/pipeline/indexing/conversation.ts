import { type IndexSource, readLine, type Skipped } from "../../index/index.ts"
import type { Part, ReadRecord, RecordParts } from "../../session/part.ts"

/** What a person is shown of a conversation, in the order in which it was written down. */
export type ShownItem =
  /** Another file of the footprint begins: a subagent's. */
  | { readonly is: "document"; readonly document: string }
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
    const { document } = source
    if (document !== "") yield { is: "document", document }
    for await (const line of readLine(source)) {
      if (signal.aborted) return
      for (const { record, offset, length } of line.found) {
        const about = read(record, document)
        if (about === null) continue
        const { time, model, subagent } = about
        for (const part of about.parts)
          yield { is: "part", part, time, model, subagent, document, offset, length }
      }
      for (const each of line.skipped) yield { is: "damaged", document, ...each }
    }
  }
}
