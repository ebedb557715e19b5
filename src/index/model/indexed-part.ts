import type { PartKind, Role } from "../../domain/conversation/message-part.ts"
import type { IndexSource } from "./source.ts"

/** One part of a conversation as the index has it. */
export interface IndexedPart {
  /** Its number in this index; numbers grow in the order in which parts were read. */
  readonly part: number
  readonly session: string
  readonly title: string | null
  readonly agent: string
  /** The folder the session worked in. */
  readonly project: string | null
  readonly branch: string | null
  readonly model: string | null
  readonly subagent: string | null
  readonly role: Role
  readonly kind: PartKind
  readonly tool: string | null
  readonly isError: boolean
  /** Milliseconds since 1970; null where the record has none. */
  readonly time: number | null
  readonly text: string
  /** A shell call's command; `text` begins with it. */
  readonly command: string | null
  /** The call that a result answers. */
  readonly answers: number | null
  /** Tokens in use when a model answered, and of its answer: with the first part of a record only. */
  readonly context: number | null
  readonly output: number | null
  readonly source: RecordSource
}

/** Where the raw record lies. */
export interface RecordSource {
  readonly path: string
  readonly place: IndexSource["place"]
  readonly document: string
  readonly export: string | null
  readonly offset: number
  readonly length: number
  /** true: no file holds it any more as far as is known; the text is all that is left. */
  readonly gone: boolean
}
