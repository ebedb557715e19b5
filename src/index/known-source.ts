import type { IndexSource } from "./source.ts"

/** What the index remembers of a file. */
export interface KnownSource {
  readonly id: number
  readonly path: string
  /** "missing": not there any more. "former": what a file held before it was rewritten. */
  readonly state: "present" | "missing" | "former"
  readonly place: IndexSource["place"]
  readonly agent: string
  readonly session: string | null
  readonly document: string
  readonly export: string | null
  readonly file: string
  /** Bytes it had when it was read, and how many of them were whole lines. */
  readonly size: number
  readonly done: number
  readonly modified: number
  readonly head: number
  readonly seam: number
  /** JSON: the calls without a result, and the last answer's usage. */
  readonly carry: string | null
  readonly skipped: string | null
  readonly damaged: number
  readonly parts: number
}
