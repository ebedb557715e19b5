/** Cuts a stream into lines without ever holding more than one chunk, and of a long line its beginning. */

import type { ScratchFile } from "../../system/fs/scratch-file.ts"
import { measures } from "../model/limits.ts"
import { KeptBytes } from "./held-bytes.ts"

export interface Line {
  /** Valid until the next is asked for. */
  readonly bytes: Buffer
  readonly offset: number
  /** false: the file ends here without a line's end. */
  readonly whole: boolean
}

export interface LongLine {
  readonly bytes: null
  /** Valid until the next is asked for. */
  readonly kept: KeptBytes
  readonly offset: number
  readonly whole: boolean
}

const newline = 0x0a

/** `from`: where in the file the stream begins. Empty lines are left out. */
export class LineCutter {
  /** Where the next line begins. */
  offset: number
  #room = Buffer.allocUnsafe(1 << 16)
  #held = 0
  readonly #most: number
  readonly #scratch: () => ScratchFile
  /** What a line of more than `most` bytes is kept in. */
  #file: ScratchFile | null = null

  constructor(from: number, scratch: () => ScratchFile, most: number = measures.line) {
    this.offset = from
    this.#scratch = scratch
    this.#most = most
  }

  *cut(chunk: Uint8Array): Generator<Line | LongLine> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(newline, at)
      if (end === -1) {
        this.#hold(bytes.subarray(at))
        return
      }
      const piece = bytes.subarray(at, end)
      at = end + 1
      if (this.#held === 0 && this.#file === null && piece.length <= this.#most) {
        const { offset } = this
        this.offset += piece.length + 1
        if (piece.length > 0) yield { bytes: piece, offset, whole: true }
      } else {
        this.#hold(piece)
        yield* this.#release(true)
      }
    }
  }

  /** What stands after the last line's end. */
  *rest(): Generator<Line | LongLine> {
    yield* this.#release(false)
  }

  close(): void {
    this.#file?.close()
    this.#file = null
  }

  #hold(piece: Buffer): void {
    if (this.#file !== null || this.#held + piece.length > this.#most) {
      this.#file ??= this.#scratch()
      if (this.#held > 0) this.#file.add(this.#room.subarray(0, this.#held))
      this.#file.add(piece)
      this.#held = 0
      return
    }
    if (this.#held + piece.length > this.#room.length) {
      const wider = Buffer.allocUnsafe(Math.max(this.#held + piece.length, 2 * this.#room.length))
      this.#room.copy(wider, 0, 0, this.#held)
      this.#room = wider
    }
    piece.copy(this.#room, this.#held)
    this.#held += piece.length
  }

  *#release(whole: boolean): Generator<Line | LongLine> {
    const { offset } = this
    const length = this.#file?.length ?? this.#held
    const bytes = this.#room.subarray(0, this.#held)
    this.#held = 0
    if (whole) this.offset += length + 1
    if (this.#file !== null) {
      yield { bytes: null, kept: new KeptBytes(this.#file, length), offset, whole }
      this.close()
    } else if (length > 0) yield { bytes, offset, whole }
    if (this.#room.length > 1 << 20) this.#room = Buffer.allocUnsafe(1 << 16)
  }
}
