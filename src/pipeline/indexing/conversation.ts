import {
  eachRecord,
  type Part,
  type ReadRecord,
  type RecordParts,
  type Usage,
} from "../../domain/conversation/message-part.ts"
import { textFilePart } from "../../domain/conversation/text-file.ts"
import { type IndexSource, readLine, readTextChunks, type Skipped } from "../../index/index.ts"

/** A part of a conversation with its location. */
export type ShownPart = Pick<RecordParts, "time" | "model" | "subagent"> & {
  readonly type: "part"
  readonly part: Part
  /** The session named in the record; null: none. */
  readonly session: string | null
  readonly document: string
  /** Byte range of the raw record in its file. */
  readonly offset: number
  readonly length: number
}

/** An item of a conversation as shown to the user, in the order in which it was recorded. */
export type ShownItem =
  /**
   * Start of another file: a subagent's transcript, tool output saved in a separate file, or (`owner`) another
   * session's file, of which only records of this session are shown.
   */
  | {
      readonly type: "document"
      readonly document: string
      readonly form: "records" | "text"
      readonly owner?: string
    }
  | ShownPart
  | ({ readonly type: "damaged"; readonly document: string } & Skipped)
  /** Only where it is asked for. */
  | { readonly type: "usage"; readonly usage: Usage; readonly document: string }

/** Reads files one after the other, line by line: a transcript may be larger than memory. */
export async function* readConversation(
  sources: readonly IndexSource[],
  read: ReadRecord,
  signal: AbortSignal,
  options: { readonly usage?: boolean } = {},
): AsyncGenerator<ShownItem> {
  const shown = new ShownRecords()
  for (const source of sources) {
    const { document, form = "records" } = source
    if (form === "whole") continue // contains only names
    const isText = form !== "records" && form !== "list"
    if (document !== "") yield { type: "document", document, form: isText ? "text" : "records" }
    if (isText) {
      const none = { time: source.textAt ?? null, model: null, subagent: null, session: source.session }
      for await (const { text, ...place } of readTextChunks(source)) {
        if (signal.aborted) return
        const part = textFilePart(document, text)
        yield { type: "part", part, ...none, document, ...place }
      }
      continue
    }
    for await (const line of readLine(source)) {
      if (signal.aborted) return
      for (const found of line.found) {
        const { offset, length } = found
        for (const about of eachRecord(read(found.record, document))) {
          if (shown.has(about)) continue
          const { time, model, subagent, session, parts } = line.withFullTexts(found, about)
          for (const part of parts)
            yield { type: "part", part, time, model, subagent, session, document, offset, length }
          if (options.usage === true && about.usage !== null)
            yield { type: "usage", usage: about.usage, document }
        }
      }
      for (const each of line.skipped) yield { type: "damaged", document, ...each }
    }
  }
}

/** Records that their agent writes again, as far as they were read: of equal ones only the first counts. */
export class ShownRecords {
  readonly #sums = new Set<number | bigint>()

  /** false the first time, and when it has got another text since. */
  has({ id, parts, mayRepeat }: RecordParts): boolean {
    if (mayRepeat !== true) return false
    const sum = Bun.hash(JSON.stringify([id, parts.map(({ kind, text }) => [kind, text])]))
    if (this.#sums.has(sum)) return true
    this.#sums.add(sum)
    return false
  }
}
