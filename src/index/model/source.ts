/** Types and limits that the parts of the index share. */

import type { DiskPath } from "../../domain/disk-path.ts"
import type { PackedRecord } from "./packed-record.ts"

/**
 * `records`: JSON lines. `text`: tool output that the client saved in a separate file because of its size; `pieces`:
 * the same as JSON. `whole`: JSON of several lines, a record or a list of records. `list`: one JSON document with the
 * records of a conversation. A changed file of the last three forms is read again from the start.
 */
export type SourceForm = "records" | "text" | "pieces" | "whole" | "list"

/** Bytes of a file that are not a record. */
export interface Skipped {
  readonly offset: number
  readonly length: number
  readonly why: string
}

/** The beginning of a file, parsed by another thread: consecutive stretches from offset 0 on. */
export interface ParsedStretch {
  /** Offset after its bytes, in the file. */
  readonly end: number
  /** The records in it, valid until the next stretch is requested; null: its bytes are to be read from the file. */
  readonly records: Iterable<PackedRecord> | null
  /** Bytes of the file that were read when a piece of it ended here, where a transaction may end; null: none ended. */
  readonly read: number | null
}

/** A file to be read into the index. */
export interface IndexSource {
  /** Its path, or an identifier for a file inside an archive; the key of the file in the index. */
  readonly path: string
  readonly place: "live" | "pending" | "archived"
  readonly agent: string
  /** The session to which the file belongs; null: named only by its records. */
  readonly session: string | null
  /** Its name among the session's files, "" for the transcript: equal for every copy of it. */
  readonly document: string
  readonly form?: SourceForm
  /** Time of the output, in milliseconds since 1970. */
  readonly textAt?: number
  /** The export that contains it. */
  readonly export: string | null
  /** Distinguishes files at the same path: device and inode, or a checksum of all bytes. */
  readonly file: string
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** Reads `length` bytes, or all, from an offset; each chunk is processed before the next is requested. */
  open(from: number, length?: number): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** Where its bytes are, as a plain file: another thread may read them. */
  readonly diskPath?: DiskPath
  /** What another thread has read of it. May end before the file does. */
  parsed?(): AsyncIterable<ParsedStretch>
}

export interface SourceReport {
  readonly path: string
  /**
   * `appended`: only new bytes were read. `rewritten`: the file did not continue what had been read and was read
   * completely; its earlier contents can still be found. `broken-off`: reading failed or was interrupted; what was read
   * is in the index, and the rest is read next time.
   */
  readonly state: "new" | "appended" | "unchanged" | "rewritten" | "broken-off"
  /** Number of message parts that are new in the index. */
  readonly parts: number
  /** Bytes read. */
  readonly bytes: number
  /** Bytes of an incomplete last line, which is read again when it has grown. */
  readonly unfinished: number
  /** All known damaged ranges, including those of earlier reads; at most a thousand. */
  readonly skipped: readonly Skipped[]
  readonly skippedCount: number
  readonly error: Error | null
}
