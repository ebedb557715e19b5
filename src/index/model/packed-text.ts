import type { Part, RecordParts } from "../../domain/conversation/message-part.ts"

/** A part's text in the forms in which it is stored. Valid until the next batch. */
export interface PackedText {
  /** In UTF-16 units. */
  readonly length: number
  readonly bytes: Buffer
  /** For the full-text table. */
  readonly searched: Buffer
}

/** Symbols, because they are carried along by `{ ...part }` and left out by JSON. */
const packed = Symbol("packed text")
const sum = Symbol("sum of the texts")

interface PackedPart extends Part {
  readonly [packed]?: PackedText
}
interface SummedRecord extends RecordParts {
  readonly [sum]?: number
}

/** null for a part that was parsed by this thread. */
export function packedTextOf(part: PackedPart): PackedText | null {
  return part[packed] ?? null
}

/** The part with its text, which is decoded only when it is asked for: the writer hardly ever does. */
export function withPackedText(part: Omit<Part, "text">, text: PackedText): Part {
  const lazy: PackedPart = {
    ...part,
    get text() {
      return text.bytes.toString("utf8")
    },
    [packed]: text,
  }
  return lazy
}

/** The sum of the texts of its parts that are not the client's; null: not known. */
export function knownTextSum(record: SummedRecord): number | null {
  return record[sum] ?? null
}

export function withTextSum(record: RecordParts, textSum: number): RecordParts {
  const summed: SummedRecord = { ...record, [sum]: textSum }
  return summed
}
