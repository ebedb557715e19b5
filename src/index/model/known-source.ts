import type { IndexSource } from "./source.ts"

/** What tells whether a file has changed since it was read. */
export interface KnownFile {
  readonly id: number
  readonly path: string
  readonly file: string
  /** Bytes it had when it was read. */
  readonly size: number
  readonly modified: number
}

/** What the index remembers of a file. */
export interface KnownSource extends KnownFile {
  /** "missing": not there any more. "superseded": what a file held before it was rewritten. */
  readonly state: "present" | "missing" | "superseded"
  readonly document: string
  readonly export: string | null
  readonly place: IndexSource["place"]
  readonly agent: string
  readonly session: string | null
  /** How many of its bytes were whole lines. */
  readonly readTo: number
  readonly headSum: number
  readonly tailSum: number
  /** JSON: the calls without a result, and the last answer's usage. */
  readonly resume: string | null
  readonly skipped: string | null
  readonly damaged: number
  readonly parts: number
  /** JSON: how many records of each type that this program does not know. */
  readonly unknownTypes: string | null
}
