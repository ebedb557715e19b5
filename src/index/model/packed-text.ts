import type { Part, RecordParts } from "../../domain/conversation/message-part.ts"

/** A part's text in the forms in which it is stored. Valid until the next batch. */
export interface PackedText {
  /** In UTF-16 units. */
  readonly length: number
  readonly bytes: Buffer
  /** For the full-text table. */
  readonly searched: Buffer
}

/** Symbols, because `{ ...part }` keeps them and JSON leaves them out. A copy of a PackedPart needs its text. */
const packed = Symbol("packed text")
export const sumKey = Symbol("sum of the texts")

interface PackedFields {
  readonly kind: Part["kind"]
  readonly role: Part["role"]
  readonly tool: string | undefined
  readonly call: string | undefined
  readonly command: string | undefined
  readonly files: readonly string[] | undefined
  readonly isError: boolean | undefined
  readonly bySessionRescue: true | undefined
  readonly queued: true | undefined
  readonly packed: PackedText
}

/** A part whose text is decoded only when it is asked for: the writer hardly ever does. */
export class PackedPart {
  readonly kind
  readonly role
  readonly tool
  readonly call
  readonly command
  readonly files
  readonly isError
  readonly bySessionRescue
  readonly queued
  readonly [packed]: PackedText

  constructor(fields: PackedFields) {
    this.kind = fields.kind
    this.role = fields.role
    this.tool = fields.tool
    this.call = fields.call
    this.command = fields.command
    this.files = fields.files
    this.isError = fields.isError
    this.bySessionRescue = fields.bySessionRescue
    this.queued = fields.queued
    this[packed] = fields.packed
  }

  get text(): string {
    return this[packed].bytes.toString("utf8")
  }
}

/** null for a part that was parsed by this thread. */
export function packedTextOf(part: Part & { readonly [packed]?: PackedText }): PackedText | null {
  return part[packed] ?? null
}

/** A record with the sum of the texts of its parts that are not the client's. */
export interface SummedRecord extends RecordParts {
  readonly [sumKey]: number | null
}

/** null: not known. */
export function knownTextSum(record: RecordParts & Partial<SummedRecord>): number | null {
  return record[sumKey] ?? null
}
