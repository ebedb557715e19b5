import type { IndexSource } from "./source.ts"

/** Shows whether a file has changed since it was read. */
export interface KnownFile {
  readonly id: number
  readonly path: string
  readonly file: string
  /** Bytes at the time of reading. */
  readonly size: number
  readonly modified: number
}

/** State of a file in the index. */
export interface KnownSource extends KnownFile {
  /** "missing": the file no longer exists. "superseded": earlier contents of a file that was rewritten. */
  readonly state: "present" | "missing" | "superseded"
  readonly document: string
  readonly export: string | null
  readonly place: IndexSource["place"]
  readonly agent: string
  readonly session: string | null
  /** Bytes that were complete lines. */
  readonly readTo: number
  readonly headSum: number
  readonly tailSum: number
  /** JSON: the calls without a result, and the last answer's usage. */
  readonly resume: string | null
  readonly skipped: string | null
  readonly damaged: number
  readonly parts: number
  /** JSON: number of records by type, for types this program does not know. */
  readonly unknownTypes: string | null
}
