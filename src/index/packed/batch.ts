/**
 * Records on their way from the thread that parses them to the one that writes them: texts as UTF-8, as the index stores
 * them, everything else as numbers and a list of strings. The memory of a batch travels back and forth, so nothing is
 * left for a garbage collector.
 */

import { KiB, MiB } from "../../domain/bytes.ts"

/** Enough for the longest line that is parsed in memory, its text twice. */
const textBytes = 2 * MiB
const numberCount = 64 * KiB

export interface BatchMemory {
  readonly texts: Uint8Array<ArrayBuffer>
  readonly numbers: Float64Array<ArrayBuffer>
}

export interface PackedBatch extends BatchMemory {
  /** Strings that the numbers refer to by their position. */
  readonly strings: readonly string[]
  readonly stretches: readonly PackedStretch[]
}

/** Consecutive bytes of a file. */
export interface PackedStretch {
  readonly file: number
  /** Offset after these bytes, in the file. */
  readonly end: number
  /** The records among them; null: the bytes are to be read by the receiver, because they are not plain records. */
  readonly records: { readonly count: number; readonly from: number } | null
  /** Bytes of the file that were read when a piece of it ended here; null: none ended. */
  readonly read: number | null
  /** Nothing follows: the rest of the file, if any, is to be read by the receiver. */
  readonly last: boolean
}

export function newBatchMemory(): BatchMemory {
  return { texts: new Uint8Array(textBytes), numbers: new Float64Array(numberCount) }
}

export const noString = -1
/** For values that are undefined instead of null. */
export const missingString = -2

export const recordFlags = { usage: 1, textSum: 2, prompt: 4, title: 8 } as const
export const partFlags = {
  isError: 1,
  notError: 2,
  bySessionRescue: 4,
  queued: 8,
  ownSearchText: 16,
} as const
