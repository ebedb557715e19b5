/** Splits transcripts into lines and records, whole or damaged. Long lines go to a scratch file to bound memory. */

import { KiB, MiB } from "../../domain/bytes.ts"
import { limits } from "../model/limits.ts"
import { type LineStore, ScratchLine } from "./line-storage.ts"

export interface Line {
  /** Valid until the next line is requested. */
  readonly bytes: Buffer
  readonly offset: number
  /** false: the file ends here without a line end. */
  readonly complete: boolean
}

export interface LongLine {
  readonly bytes: null
  /** Valid until the next line is requested. */
  readonly scratch: ScratchLine
  readonly offset: number
  readonly complete: boolean
}

const newline = 0x0a

/** `from`: offset of the stream in its file. Empty lines are skipped. */
export class LineSplitter {
  /** Offset of the next line. */
  offset: number
  #buffer = Buffer.allocUnsafe(64 * KiB)
  #length = 0
  readonly #maxBytes: number
  readonly #scratch: () => LineStore
  /** Scratch file of a line longer than `most` bytes. */
  #file: LineStore | null = null

  constructor(from: number, scratch: () => LineStore, most: number = limits.lineBytes) {
    this.offset = from
    this.#scratch = scratch
    this.#maxBytes = most
  }

  *split(chunk: Uint8Array): Generator<Line | LongLine> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(newline, at)
      if (end === -1) {
        this.#append(bytes.subarray(at))
        return
      }
      const piece = bytes.subarray(at, end)
      at = end + 1
      if (this.#length === 0 && this.#file === null && piece.length <= this.#maxBytes) {
        const { offset } = this
        this.offset += piece.length + 1
        if (piece.length > 0) yield { bytes: piece, offset, complete: true }
      } else {
        this.#append(piece)
        yield* this.#emit(true)
      }
    }
  }

  /** The bytes after the last line end. */
  *rest(): Generator<Line | LongLine> {
    yield* this.#emit(false)
  }

  close(): void {
    this.#file?.close()
    this.#file = null
  }

  #append(piece: Buffer): void {
    if (this.#file !== null || this.#length + piece.length > this.#maxBytes) {
      this.#file ??= this.#scratch()
      if (this.#length > 0) this.#file.add(this.#buffer.subarray(0, this.#length))
      this.#file.add(piece)
      this.#length = 0
      return
    }
    if (this.#length + piece.length > this.#buffer.length) {
      const wider = Buffer.allocUnsafe(Math.max(this.#length + piece.length, 2 * this.#buffer.length))
      this.#buffer.copy(wider, 0, 0, this.#length)
      this.#buffer = wider
    }
    piece.copy(this.#buffer, this.#length)
    this.#length += piece.length
  }

  *#emit(complete: boolean): Generator<Line | LongLine> {
    const { offset } = this
    const length = this.#file?.length ?? this.#length
    const bytes = this.#buffer.subarray(0, this.#length)
    this.#length = 0
    if (complete) this.offset += length + 1
    if (this.#file !== null) {
      yield { bytes: null, scratch: new ScratchLine(this.#file, length), offset, complete }
      this.close()
    } else if (length > 0) yield { bytes, offset, complete }
    if (this.#buffer.length > MiB) this.#buffer = Buffer.allocUnsafe(64 * KiB)
  }
}
