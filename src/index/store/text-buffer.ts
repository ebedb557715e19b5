const encoder = new TextEncoder()
const usual = 1 << 18

/** Texts one behind another as UTF-8, in memory that is used again. */
export class TextRoom {
  #room = Buffer.allocUnsafe(usual)
  #used = 0

  /** Returns the text's bytes, valid until something is added. */
  add(text: string): Buffer {
    // a letter takes three bytes at most; to count them is worth while for long texts only
    const bytes = text.length > 1 << 16 ? Buffer.byteLength(text) : 3 * text.length
    const needed = this.#used + bytes
    if (needed > this.#room.length) {
      const wider = Buffer.allocUnsafe(Math.max(needed, 2 * this.#room.length))
      this.#room.copy(wider, 0, 0, this.#used)
      this.#room = wider
    }
    const from = this.#used
    this.#used += encoder.encodeInto(text, this.#room.subarray(from)).written
    return this.#room.subarray(from, this.#used)
  }

  /** Valid until something is added. */
  bytes(): Buffer {
    return this.#room.subarray(0, this.#used)
  }

  clear(): void {
    if (this.#room.length > 4 * usual) this.#room = Buffer.allocUnsafe(usual)
    this.#used = 0
  }
}
