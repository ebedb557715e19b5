import { KiB, MiB } from "../../domain/bytes.ts"
import type { Database } from "../../system/sqlite/database.ts"

/** Characters compressed together: enough to compress well, and few enough to decompress for one hit. */
const blockLength = 32_000
/** Higher compression levels cost several times as much time for a few percent. */
const level = 1

/** Compressed in the background at a time; more are compressed at once. */
const maxWaiting = 24
const maxWaitingBytes = 4 * MiB

interface Block {
  readonly first: number
  readonly last: number
  readonly minTime: number | null
  readonly maxTime: number | null
  /** null: being compressed. */
  packed: Uint8Array | null
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Writes compressed blocks of texts, many texts to a row. */
export class BlockWriter {
  readonly #add
  readonly #texts = new TextBuffer()
  /** Blocks that are not written yet, in order. */
  #waiting: Block[] = []
  #waitingBytes = 0
  #length = 0
  #first = 0
  #last = 0
  #minTime: number | null = null
  #maxTime: number | null = null
  /** Compress in threads of the runtime: only worth it while much is added. The rows are the same. */
  inBackground = false

  constructor(database: Database) {
    this.#add = database.query(
      "insert into block (first, last, min_time, max_time, texts) values (?, ?, ?, ?, ?)",
    )
  }

  /** Returns where in its block the text begins, and its bytes, valid until something is added. */
  add(part: number, time: number | null, text: string): { readonly at: number; readonly bytes: Buffer } {
    const at = this.#begin(part, time, text.length)
    return { at, bytes: this.#texts.add(text) }
  }

  /** Adds a text of `length` characters that is UTF-8 already, and returns where in its block it begins. */
  addBytes(part: number, time: number | null, length: number, bytes: Uint8Array): number {
    const at = this.#begin(part, time, length)
    this.#texts.addBytes(bytes)
    return at
  }

  #begin(part: number, time: number | null, length: number): number {
    if (this.#length >= blockLength) this.#end()
    if (this.#first === 0) this.#first = part
    const at = this.#length
    this.#length += length
    this.#last = part
    if (time !== null) {
      if (this.#minTime === null || time < this.#minTime) this.#minTime = time
      if (this.#maxTime === null || time > this.#maxTime) this.#maxTime = time
    }
    return at
  }

  /** Writes a text to a row of its own. */
  addAlone(part: number, time: number | null, text: string): void {
    this.#end()
    this.add(part, time, text)
    this.#end()
  }

  /** Writes everything that was added. */
  flush(): void {
    this.#end()
    this.#addRows(true)
  }

  forget(): void {
    this.#waiting = []
    this.#waitingBytes = 0
    this.#clear()
  }

  /** Ends the current block. */
  #end(): void {
    if (this.#first === 0) return
    const [first, last, minTime, maxTime] = [this.#first, this.#last, this.#minTime, this.#maxTime]
    const bytes = this.#texts.bytes()
    const isFull = this.#waiting.length >= maxWaiting || this.#waitingBytes + bytes.length > maxWaitingBytes
    if (!this.inBackground || isFull) {
      const packed = Bun.zstdCompressSync(bytes, { level })
      this.#waiting.push({ first, last, minTime, maxTime, packed, bytes: new Uint8Array() })
    } else {
      const block: Block = { first, last, minTime, maxTime, packed: null, bytes: new Uint8Array(bytes) }
      this.#waiting.push(block)
      this.#waitingBytes += block.bytes.length
      Bun.zstdCompress(block.bytes, { level }).then(
        (packed) => {
          block.packed ??= packed
        },
        () => {}, // compressed when it is written, which then reports the error
      )
    }
    this.#clear()
    this.#addRows(false)
  }

  /** Writes the blocks that are ready, in order, or all of them. */
  #addRows(all: boolean): void {
    let written = 0
    for (const block of this.#waiting) {
      if (block.packed === null && !all) break
      block.packed ??= Bun.zstdCompressSync(block.bytes, { level })
      this.#add.run(block.first, block.last, block.minTime, block.maxTime, block.packed)
      this.#waitingBytes -= block.bytes.length
      written++
    }
    if (written > 0) this.#waiting.splice(0, written)
  }

  #clear(): void {
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
    this.#grow(bytes)
    const from = this.#used
    this.#used += encoder.encodeInto(text, this.#buffer.subarray(from)).written
    return this.#buffer.subarray(from, this.#used)
  }

  addBytes(bytes: Uint8Array): void {
    this.#grow(bytes.length)
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
  }

  /** Valid until something is added. */
  bytes(): Buffer<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#used)
  }

  #grow(by: number): void {
    const needed = this.#used + by
    if (needed <= this.#buffer.length) return
    const wider = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length))
    this.#buffer.copy(wider, 0, 0, this.#used)
    this.#buffer = wider
  }

  clear(): void {
    if (this.#buffer.length > 4 * initialBytes) this.#buffer = Buffer.allocUnsafe(initialBytes)
    this.#used = 0
  }
}
