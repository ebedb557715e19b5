import { damagedPack } from "./tar.ts"

/** Bytes of a stream, taken in pieces of a given size. */
export class ByteQueue {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Between one byte and `most`. Throws DAMAGED at the end. */
  async some(most: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next().catch((error) => {
        throw damagedPack(error instanceof Error ? error.message : String(error))
      })
      if (done === true) throw damagedPack("it ends too early")
      this.#rest = value
    }
    const taken = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(taken.length)
    return taken
  }

  async exactly(size: number): Promise<Uint8Array> {
    const whole = new Uint8Array(size)
    for (let at = 0; at < size; ) {
      const piece = await this.some(size - at)
      whole.set(piece, at)
      at += piece.length
    }
    return whole
  }
}
