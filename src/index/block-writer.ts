import type { Database } from "../system/database.ts"

/** Characters of text that are compressed together: enough to compress well, few enough to open for one hit. */
const blockLength = 32_000
/** Higher levels cost a multiple of the time for a few percent. */
const level = 1

const encoder = new TextEncoder()

/** Texts of parts, many to a row, compressed. */
export class BlockWriter {
  readonly #add
  #room = Buffer.allocUnsafe(1 << 18)
  #bytes = 0
  #length = 0
  #first = 0
  #last = 0
  #early: number | null = null
  #late: number | null = null

  constructor(database: Database) {
    this.#add = database.query("insert into block (first, last, early, late, texts) values (?, ?, ?, ?, ?)")
  }

  /** Returns where in its block the text begins. */
  add(part: number, time: number | null, text: string): number {
    if (this.#length >= blockLength) this.flush()
    if (this.#first === 0) this.#first = part
    const at = this.#length
    this.#put(text)
    this.#length += text.length
    this.#last = part
    if (time !== null) {
      if (this.#early === null || time < this.#early) this.#early = time
      if (this.#late === null || time > this.#late) this.#late = time
    }
    return at
  }

  #put(text: string): void {
    // a letter takes three bytes at most; to count them is worth while for long texts only
    const bytes = text.length > 1 << 16 ? Buffer.byteLength(text) : 3 * text.length
    const most = this.#bytes + bytes
    if (most > this.#room.length) {
      const wider = Buffer.allocUnsafe(Math.max(most, 2 * this.#room.length))
      this.#room.copy(wider, 0, 0, this.#bytes)
      this.#room = wider
    }
    this.#bytes += encoder.encodeInto(text, this.#room.subarray(this.#bytes)).written
  }

  flush(): void {
    if (this.#first === 0) return
    const packed = Bun.zstdCompressSync(this.#room.subarray(0, this.#bytes), { level })
    this.#add.run(this.#first, this.#last, this.#early, this.#late, packed)
    this.forget()
  }

  forget(): void {
    if (this.#room.length > 1 << 20) this.#room = Buffer.allocUnsafe(1 << 18)
    this.#first = 0
    this.#bytes = 0
    this.#length = 0
    this.#early = null
    this.#late = null
  }
}
