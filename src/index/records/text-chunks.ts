/** Cuts a stream of plain text into pieces of some KB, each of whole lines where lines are not too long for that. */
import type { Line } from "./lines.ts"

/** A piece ends with the first line that ends behind so many bytes, */
const usual = 8 << 10
/** or, in the middle of a line, behind so many. */
const longest = 64 << 10

const newline = 0x0a

/** `from`: where in the file the stream begins, which is where a piece begins. */
export class PieceCutter {
  /** Where the next piece begins. */
  offset: number
  #held: Buffer = Buffer.alloc(0)

  constructor(from: number) {
    this.offset = from
  }

  *cut(chunk: Uint8Array): Generator<Line> {
    let bytes = Buffer.concat([this.#held, chunk])
    for (let end = endOf(bytes); end > 0; end = endOf(bytes)) {
      yield this.#release(bytes.subarray(0, end), true)
      bytes = bytes.subarray(end)
    }
    this.#held = Buffer.from(bytes)
  }

  /** What stands behind the last piece's end. */
  *rest(): Generator<Line> {
    if (this.#held.length > 0) yield this.#release(this.#held, false)
    this.#held = Buffer.alloc(0)
  }

  #release(bytes: Buffer, whole: boolean): Line {
    const { offset } = this
    this.offset += bytes.length
    return { bytes, offset, whole }
  }
}

/** 0: the piece is not whole yet. */
function endOf(bytes: Buffer): number {
  const end = bytes.length < usual ? -1 : bytes.indexOf(newline, usual - 1)
  if (end !== -1 && end < longest) return end + 1
  if (bytes.length <= longest) return 0
  let cut = longest
  while (cut > longest - 4 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut-- // never within a sign of UTF-8
  return cut
}
