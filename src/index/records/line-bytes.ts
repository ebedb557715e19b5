import type { Placeholder } from "../../domain/conversation/placeholder.ts"

/** What a stand-in stands for; and where the rest of it is, behind the beginning that the stand-in has itself. */
export interface LongString extends Placeholder {
  /** Characters that the stand-in has itself. */
  readonly headLength: number
  readonly from: number
  readonly to: number
  /** `leaves`: every text in an array or object of too many small pieces. */
  readonly type: "string" | "leaves"
}

export interface ParsedRecord {
  readonly record: Readonly<Record<string, unknown>>
  /** What the stand-ins in it stand for; null: there are none. */
  readonly strings: readonly LongString[] | null
}

/** A line, wherever its bytes are. */
export interface LineBytes {
  readonly length: number
  at(index: number): number
  /** -1: not there, up to `to`. */
  indexOf(byte: number, from: number, to?: number): number
  lastIndexOf(byte: number): number
  /** Valid until the next call of anything here. */
  slice(from: number, to: number): Buffer
  /** null: no JSON object. */
  parse(from: number, to: number): ParsedRecord | null
}
