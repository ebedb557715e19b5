import type { IndexSource } from "./source.ts"

/** What the index remembers of a file. */
export interface KnownSource
  extends Pick<IndexSource, "path" | "place" | "agent" | "session" | "document" | "export" | "file"> {
  readonly id: number
  /** "missing": not there any more. "former": what a file held before it was rewritten. */
  readonly state: "present" | "missing" | "former"
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
