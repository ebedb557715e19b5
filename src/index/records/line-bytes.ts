import type { Placeholder } from "../../domain/conversation/placeholder.ts"

/**
 * A line of a transcript may be many MB. It is therefore read through LineBytes: from memory (MemoryLine) or from a
 * scratch file (ScratchLine). A long record is parsed without its long strings: each is replaced by a placeholder, and
 * a LongString says where in the line the rest of it is.
 */

/** A string that a placeholder replaces. The placeholder contains its beginning; `from` and `to` delimit the rest. */
export interface LongString extends Placeholder {
  /** Characters that the placeholder contains. */
  readonly headLength: number
  readonly from: number
  readonly to: number
  /** `leaves`: the strings and numbers of an array or object with too many values. */
  readonly type: "string" | "leaves"
}

export interface ParsedRecord {
  readonly record: Readonly<Record<string, unknown>>
  /** The strings that placeholders replace; null: there are none. */
  readonly strings: readonly LongString[] | null
}

/** The bytes of a line, in memory or in a file. */
export interface LineBytes {
  readonly length: number
  at(index: number): number
  /** -1 when the byte does not occur before `to`. */
  indexOf(byte: number, from: number, to?: number): number
  lastIndexOf(byte: number): number
  /** Valid until the next call of any method. */
  slice(from: number, to: number): Buffer
  /** null when it is not a JSON object. */
  parse(from: number, to: number): ParsedRecord | null
}
