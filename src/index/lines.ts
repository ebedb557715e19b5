/** Cuts a stream into lines without ever holding more than one of them, and one chunk. */

/** A line longer than this is skipped and reported. 12 million characters are known from public threads. */
const longestLine = 48 << 20

export interface Line {
  /** Valid until the next is asked for. */
  readonly bytes: Buffer
  readonly offset: number
  /** false: the file ends here without a line's end. */
  readonly whole: boolean
}

export interface LongLine {
  readonly bytes: null
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
  #dropped = 0

  constructor(from: number) {
    this.offset = from
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
      if (this.#held === 0 && this.#dropped === 0) {
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

  #hold(piece: Buffer): void {
    if (this.#dropped > 0 || this.#held + piece.length > longestLine) {
      this.#dropped += this.#held + piece.length
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
    const length = this.#held + this.#dropped
    const long = this.#dropped > 0
    const bytes = this.#room.subarray(0, this.#held)
    this.#held = 0
    this.#dropped = 0
    if (whole) this.offset += length + 1
    if (long) yield { bytes: null, offset, length, whole }
    else if (length > 0) yield { bytes, offset, whole }
    if (this.#room.length > 1 << 20) this.#room = Buffer.allocUnsafe(1 << 16)
  }
}
