/**
 * `text`: no records but what a tool printed, kept in a file of its own because it was so much; `pieces`: the same as JSON.
 * `whole`: JSON over several lines, a record or a list of them. Only of the last two is a change a new file.
 */
export type SourceForm = "records" | "text" | "pieces" | "whole"

/** Bytes of a file that are no record. */
export interface Skipped {
  readonly offset: number
  readonly length: number
  readonly why: string
}

/** A file to be read into the index. */
export interface IndexSource {
  /** Where it lies, or for one inside an archive what stands for it; the index knows it by this. */
  readonly path: string
  readonly place: "live" | "pending" | "archived"
  readonly agent: string
  /** The session whose footprint it belongs to; null: only its records say. */
  readonly session: string | null
  /** Its name in that footprint, "" for the transcript itself: the same for every copy of it. */
  readonly document: string
  readonly form?: SourceForm
  /** When that was; milliseconds since 1970. */
  readonly textAt?: number
  /** The export it is part of. */
  readonly export: string | null
  /** What tells this file from another at the same path: device and inode, or a checksum of all its bytes. */
  readonly file: string
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** Its bytes from an offset on, `length` of them or all; each piece is done with before the next is asked for. */
  open(from: number, length?: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export interface SourceReport {
  readonly path: string
  /**
   * `appended`: only what was new has been read. `rewritten`: it was no continuation of what had been read, and was
   * read as a whole; what it held before stays findable. `broken-off`: reading failed or was interrupted; what was
   * read until then is in the index, the rest is taken up the next time.
   */
  readonly state: "new" | "appended" | "unchanged" | "rewritten" | "broken-off"
  /** Message parts that are new in the index. */
  readonly parts: number
  /** Bytes read. */
  readonly bytes: number
  /** Bytes of the last line that is not whole yet; it is read again when it has grown. */
  readonly unfinished: number
  /** All that is known to be damaged in it, from earlier readings too; the first thousand. */
  readonly skipped: readonly Skipped[]
  readonly skippedCount: number
  readonly error: Error | null
}
