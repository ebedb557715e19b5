import { MiB } from "../../domain/bytes.ts"
import type { IndexSource } from "../../index/index.ts"

/** Bytes kept behind the reader; a longer record is read from the file once more. */
const maxKeptBytes = 64 * MiB

/** A source whose records can be summed while it is read from beginning to end: what was just read is not read again. */
export class SummedSource {
  readonly #source: IndexSource
  #kept: { readonly offset: number; readonly bytes: Uint8Array }[] = []
  #keptBytes = 0

  constructor(source: IndexSource) {
    this.#source = source
  }

  /** To be read instead of the source itself. */
  get reading(): IndexSource {
    return { ...this.#source, open: (from) => this.#read(from) }
  }

  async *#read(from: number): AsyncGenerator<Uint8Array> {
    let offset = from
    for await (const bytes of this.#source.open(from)) {
      this.#keep(offset, bytes)
      offset += bytes.length
      yield bytes
    }
  }

  #keep(offset: number, bytes: Uint8Array): void {
    this.#kept.push({ offset, bytes: bytes.slice() }) // the reader's buffer is used again
    this.#keptBytes += bytes.length
    while (this.#keptBytes > maxKeptBytes && this.#kept.length > 1)
      this.#keptBytes -= this.#kept.shift()?.bytes.length ?? 0
  }

  /** SHA-256 of a byte range, in hex. Ranges are asked for in order: what lies before one is forgotten. */
  async sum(offset: number, length: number): Promise<string> {
    this.#forgetBefore(offset)
    const [first] = this.#kept
    const hash = new Bun.CryptoHasher("sha256")
    const pieces =
      first === undefined || first.offset > offset ? this.#source.open(offset, length) : this.#from(offset)
    let left = length
    for await (const bytes of pieces) {
      const piece = bytes.subarray(0, left)
      hash.update(piece)
      left -= piece.length
      if (left === 0) break
    }
    if (left > 0) throw new Error(`${this.#source.path} ended inside a record at ${offset}`)
    return hash.digest("hex")
  }

  #forgetBefore(offset: number): void {
    for (let [first] = this.#kept; first !== undefined; [first] = this.#kept) {
      if (first.offset + first.bytes.length > offset) return
      this.#keptBytes -= first.bytes.length
      this.#kept.shift()
    }
  }

  *#from(offset: number): Generator<Uint8Array> {
    for (const { offset: at, bytes } of this.#kept) yield at < offset ? bytes.subarray(offset - at) : bytes
  }
}
