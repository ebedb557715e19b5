import type { Part, Usage } from "../conversation/message-part.ts"

/** One record of a conversation that carries parts of it, with the place and the sum of its bytes. */
export interface RecordedMessage {
  /** The file: its path in the agent's home; the same as in the manifest's `relative`. */
  readonly file: string
  /** Byte range of the raw record in that file. */
  readonly offset: number
  readonly length: number
  /** SHA-256 of those bytes, in hex. */
  readonly sha256: string
  /** Milliseconds since 1970; null when the record has no time. */
  readonly time: number | null
  readonly model: string | null
  readonly subagent: string | null
  /** The session that the record names; null: none. */
  readonly session: string | null
  readonly parts: readonly Part[]
  readonly usage: Usage | null
  /** Why these bytes cannot be read as a record; they are named all the same. */
  readonly damaged?: string
}
