/** Splits a stream of plain text into chunks of a few KB, at line ends unless a line is too long. */

import { KiB } from "../../domain/bytes.ts"
import type { Line } from "./lines.ts"

/** A chunk ends at the first line end after this many bytes. */
const minChunkBytes = 8 * KiB
/** A chunk without a line end is cut after this many bytes. */
const maxChunkBytes = 64 * KiB

const newline = 0x0a

/** `from`: offset of the stream in its file, at the start of a chunk. */
export class ChunkSplitter {
  /** Offset of the next chunk. */
  offset: number
  #rest: Buffer = Buffer.alloc(0)

  constructor(from: number) {
    this.offset = from
  }

  *split(chunk: Uint8Array): Generator<Line> {
    let bytes = Buffer.concat([this.#rest, chunk])
    for (let end = chunkEnd(bytes); end > 0; end = chunkEnd(bytes)) {
      yield this.#emit(bytes.subarray(0, end), true)
      bytes = bytes.subarray(end)
    }
    this.#rest = Buffer.from(bytes)
  }

  /** The bytes after the last chunk. */
  *rest(): Generator<Line> {
    if (this.#rest.length > 0) yield this.#emit(this.#rest, false)
    this.#rest = Buffer.alloc(0)
  }

  #emit(bytes: Buffer, complete: boolean): Line {
    const { offset } = this
    this.offset += bytes.length
    return { bytes, offset, complete }
  }
}

/** 0: the chunk is not complete yet. */
function chunkEnd(bytes: Buffer): number {
  const end = bytes.length < minChunkBytes ? -1 : bytes.indexOf(newline, minChunkBytes - 1)
  if (end !== -1 && end < maxChunkBytes) return end + 1
  if (bytes.length <= maxChunkBytes) return 0
  let cut = maxChunkBytes
  while (cut > maxChunkBytes - 4 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut-- // do not split a UTF-8 character
  return cut
}
