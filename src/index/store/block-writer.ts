import type { Database } from "../../system/sqlite/database.ts"

/** Characters of text that are compressed together: enough to compress well, few enough to open for one hit. */
const blockLength = 32_000
/** Higher levels cost a multiple of the time for a few percent. */
const level = 1

/** Texts of parts, many to a row, compressed. */
export class BlockWriter {
  readonly #add
  readonly #texts = new TextRoom()
  #length = 0
  #first = 0
  #last = 0
  #early: number | null = null
  #late: number | null = null

  constructor(database: Database) {
    this.#add = database.query("insert into block (first, last, early, late, texts) values (?, ?, ?, ?, ?)")
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
      if (this.#early === null || time < this.#early) this.#early = time
      if (this.#late === null || time > this.#late) this.#late = time
    }
    return { at, bytes }
  }

  /** One that has a row to itself. */
  addAlone(part: number, time: number | null, text: string): void {
    this.flush()
    this.add(part, time, text)
    this.flush()
  }

  flush(): void {
    if (this.#first === 0) return
    const packed = Bun.zstdCompressSync(this.#texts.bytes(), { level })
    this.#add.run(this.#first, this.#last, this.#early, this.#late, packed)
    this.forget()
  }

  forget(): void {
    this.#texts.clear()
    this.#first = 0
    this.#length = 0
    this.#early = null
    this.#late = null
  }
}

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
