import { KiB } from "../../domain/bytes.ts"
import type { Database } from "../../system/sqlite/database.ts"

/** Characters compressed together: enough to compress well, and few enough to decompress for one hit. */
const blockLength = 32_000
/** Higher compression levels cost several times as much time for a few percent. */
const level = 1

/** Writes compressed blocks of texts, many texts to a row. */
export class BlockWriter {
  readonly #add
  readonly #texts = new TextBuffer()
  #length = 0
  #first = 0
  #last = 0
  #minTime: number | null = null
  #maxTime: number | null = null

  constructor(database: Database) {
    this.#add = database.query(
      "insert into block (first, last, min_time, max_time, texts) values (?, ?, ?, ?, ?)",
    )
  }

  /** Returns where in its block the text begins, and its bytes, valid until something is added. */
  add(part: number, time: number | null, text: string): { readonly at: number; readonly bytes: Buffer } {
    if (this.#length >= blockLength) this.flush()
    if (this.#first === 0) this.#first = part
    const at = this.#length
    const bytes = this.#texts.add(text)
    this.#length += text.length
    this.#last = part
    if (time !== null) {
      if (this.#minTime === null || time < this.#minTime) this.#minTime = time
      if (this.#maxTime === null || time > this.#maxTime) this.#maxTime = time
    }
    return { at, bytes }
  }

  /** Writes a text to a row of its own. */
  addAlone(part: number, time: number | null, text: string): void {
    this.flush()
    this.add(part, time, text)
    this.flush()
  }

  flush(): void {
    if (this.#first === 0) return
    const packed = Bun.zstdCompressSync(this.#texts.bytes(), { level })
    this.#add.run(this.#first, this.#last, this.#minTime, this.#maxTime, packed)
    this.forget()
  }

  forget(): void {
    this.#texts.clear()
    this.#first = 0
    this.#length = 0
    this.#minTime = null
    this.#maxTime = null
  }
}

const encoder = new TextEncoder()
const initialBytes = 1 << 18

/** Concatenates texts as UTF-8 in a reused buffer. */
class TextBuffer {
  #buffer = Buffer.allocUnsafe(initialBytes)
  #used = 0

  /** Returns the text's bytes, valid until something is added. */
  add(text: string): Buffer {
    // a UTF-16 unit takes at most three bytes; counting pays off for long texts only
    const bytes = text.length > 64 * KiB ? Buffer.byteLength(text) : 3 * text.length
    const needed = this.#used + bytes
    if (needed > this.#buffer.length) {
      const wider = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length))
      this.#buffer.copy(wider, 0, 0, this.#used)
      this.#buffer = wider
    }
    const from = this.#used
    this.#used += encoder.encodeInto(text, this.#buffer.subarray(from)).written
    return this.#buffer.subarray(from, this.#used)
  }

  /** Valid until something is added. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#used)
  }

  clear(): void {
    if (this.#buffer.length > 4 * initialBytes) this.#buffer = Buffer.allocUnsafe(initialBytes)
    this.#used = 0
  }
}
