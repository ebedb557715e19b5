import type { Database } from "../system/database.ts"

/** Characters of text that are compressed together: enough to compress well, few enough to open for one hit. */
const blockLength = 32_000
/** Higher levels cost a multiple of the time for a few percent. */
const level = 1

/** Texts of parts, many to a row, compressed. */
export class BlockWriter {
  readonly #add
  #texts: string[] = []
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
    if (this.#texts.length === 0) this.#first = part
    const at = this.#length
    this.#texts.push(text)
    this.#length += text.length
    this.#last = part
    if (time !== null) {
      if (this.#early === null || time < this.#early) this.#early = time
      if (this.#late === null || time > this.#late) this.#late = time
    }
    return at
  }

  flush(): void {
    if (this.#texts.length === 0) return
    const packed = Bun.zstdCompressSync(this.#texts.join(""), { level })
    this.#add.run(this.#first, this.#last, this.#early, this.#late, packed)
    this.forget()
  }

  forget(): void {
    this.#texts = []
    this.#length = 0
    this.#early = null
    this.#late = null
  }
}

/** Reads texts back; keeps the blocks opened last. */
export class BlockReader {
  readonly #find
  readonly #open = new Map<number, string>()
  #last: { first: number; last: number } | null = null

  constructor(database: Database) {
    this.#find = database.query<{ first: number; last: number; texts: Uint8Array }, [number]>(
      "select first, last, texts from block where first <= ? order by first desc limit 1",
    )
  }

  /** "" for a part that has no text in the index. */
  text(part: number, at: number, size: number): string {
    if (size === 0) return ""
    return this.#block(part).slice(at, at + size)
  }

  #block(part: number): string {
    const near = this.#last
    if (near !== null && near.first <= part && part <= near.last) return this.#open.get(near.first) ?? ""
    const row = this.#find.get(part)
    if (row === null || row.last < part) return ""
    const texts = this.#open.get(row.first) ?? unpack(row.texts)
    if (this.#open.size > 64) this.#open.clear()
    this.#open.set(row.first, texts)
    this.#last = row
    return texts
  }
}

function unpack(packed: Uint8Array): string {
  const bytes = Bun.zstdDecompressSync(packed as Uint8Array<ArrayBuffer>)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
}
