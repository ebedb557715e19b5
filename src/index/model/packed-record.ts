import type { RecordParts } from "../../domain/conversation/message-part.ts"

/** A record that another thread has parsed. */
export interface PackedRecord {
  readonly record: RecordParts
  readonly offset: number
  readonly length: number
  /** Checksum of its bytes. */
  readonly sum: number
}
