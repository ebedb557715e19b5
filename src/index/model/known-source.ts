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
  /** "missing": not there any more. "former": what a file held before it was rewritten. */
  readonly state: "present" | "missing" | "former"
  readonly document: string
  readonly export: string | null
  readonly place: IndexSource["place"]
  readonly agent: string
  readonly session: string | null
  /** How many of its bytes were whole lines. */
  readonly done: number
  readonly head: number
  readonly seam: number
  /** JSON: the calls without a result, and the last answer's usage. */
  readonly carry: string | null
  readonly skipped: string | null
  readonly damaged: number
  readonly parts: number
  /** JSON: how many records of each type that this program does not know. */
  readonly strange: string | null
}
