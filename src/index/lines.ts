/** Cuts a stream into lines without ever holding more than one of them, and one chunk. */
import type { ScratchFile } from "../system/scratch-file.ts"
import { KeptBytes } from "./line-bytes.ts"
import { measures } from "./measures.ts"

/** Where there is no file to keep it in, a line longer than this is left out. */
const longestHeld = 48 << 20

export interface Line {
  /** Valid until the next is asked for. */
  readonly bytes: Buffer
  readonly offset: number
  /** false: the file ends here without a line's end. */
  readonly whole: boolean
}

export interface LongLine {
  readonly bytes: null
  /** Where it is kept, until the next is asked for; null: nowhere. */
  readonly kept: KeptBytes | null
  readonly offset: number
  readonly length: number
  readonly whole: boolean
}

const newline = 0x0a

/** `from`: where in the file the stream begins. Empty lines are left out. */
export class LineCutter {
  /** Where the next line begins. */
  offset: number
  #room = Buffer.allocUnsafe(1 << 16)
  #held = 0
  /** Bytes of the line that are not held: kept in the file, or left out. */
  #dropped = 0
  readonly #scratch: (() => ScratchFile) | null
  #file: ScratchFile | null = null

  /** `scratch`: makes a file for a long line. */
  constructor(from: number, scratch: (() => ScratchFile) | null = null) {
    this.offset = from
    this.#scratch = scratch
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
      if (this.#held === 0 && this.#dropped === 0 && piece.length <= measures.line) {
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
    const most = this.#scratch === null ? longestHeld : measures.line
    if (this.#dropped > 0 || this.#held + piece.length > most) {
      this.#drop(this.#room.subarray(0, this.#held))
      this.#drop(piece)
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

  #drop(piece: Buffer): void {
    this.#dropped += piece.length
    if (this.#scratch === null) return
    this.#file ??= this.#scratch()
    this.#file.add(piece)
  }

  *#release(whole: boolean): Generator<Line | LongLine> {
    const { offset } = this
    const length = this.#held + this.#dropped
    const long = this.#dropped > 0
    const bytes = this.#room.subarray(0, this.#held)
    this.#held = 0
    this.#dropped = 0
    if (whole) this.offset += length + 1
    if (long) {
      const kept = this.#file === null ? null : new KeptBytes(this.#file, length)
      yield { bytes: null, kept, offset, length, whole }
      this.close()
    } else if (length > 0) yield { bytes, offset, whole }
    if (this.#room.length > 1 << 20) this.#room = Buffer.allocUnsafe(1 << 16)
  }
}
