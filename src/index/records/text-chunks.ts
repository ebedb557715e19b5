/** Cuts a stream of plain text into pieces of some KB, each of whole lines where lines are not too long for that. */
import type { Line } from "./lines.ts"

/** A piece ends with the first line that ends behind so many bytes, */
const minChunkBytes = 8 << 10
/** or, in the middle of a line, behind so many. */
const maxChunkBytes = 64 << 10

const newline = 0x0a

/** `from`: where in the file the stream begins, which is where a piece begins. */
export class ChunkSplitter {
  /** Where the next piece begins. */
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

  /** What stands behind the last piece's end. */
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

/** 0: the piece is not whole yet. */
function chunkEnd(bytes: Buffer): number {
  const end = bytes.length < minChunkBytes ? -1 : bytes.indexOf(newline, minChunkBytes - 1)
  if (end !== -1 && end < maxChunkBytes) return end + 1
  if (bytes.length <= maxChunkBytes) return 0
  let cut = maxChunkBytes
  while (cut > maxChunkBytes - 4 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut-- // never within a sign of UTF-8
  return cut
}
