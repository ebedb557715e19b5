import type { PartKind, Role } from "../../domain/conversation/message-part.ts"
import type { IndexSource } from "./source.ts"

export interface IndexedPart {
  /** Its id in this index; ids increase in the order in which parts were read. */
  readonly part: number
  readonly session: string
  readonly title: string | null
  readonly agent: string
  /** The session's working folder. */
  readonly project: string | null
  readonly branch: string | null
  readonly model: string | null
  readonly subagent: string | null
  readonly role: Role
  readonly kind: PartKind
  readonly tool: string | null
  readonly isError: boolean
  /** Milliseconds since 1970; null when the record has no time. */
  readonly time: number | null
  readonly text: string
  /** A shell call's command; `text` begins with it. */
  readonly command: string | null
  /** Id of the call that a result answers. */
  readonly answers: number | null
  /** Tokens in the context when a model answered, and tokens of the answer; only on the first part of a record. */
  readonly context: number | null
  readonly output: number | null
  readonly source: RecordSource
}

/** Location of the raw record. */
export interface RecordSource {
  readonly path: string
  readonly place: IndexSource["place"]
  readonly document: string
  readonly export: string | null
  readonly offset: number
  readonly length: number
  /** true: no known file contains the record any more; only the text is left. */
  readonly gone: boolean
}
