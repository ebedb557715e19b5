import type { Database } from "../../system/sqlite/database.ts"

/** Reads texts; caches the blocks opened last. */
export class BlockReader {
  readonly #find
  readonly #newest
  readonly #open = new Map<number, string>()
  #last: { first: number; last: number } | null = null

  constructor(database: Database) {
    this.#find = database.query<{ first: number; last: number; texts: Uint8Array }, [number]>(
      "select first, last, texts from block where first <= ? order by first desc limit 1",
    )
    this.#newest = database.query<{ texts: Uint8Array }, [number]>(
      "select texts from block order by first desc limit ?",
    )
  }

  /** The texts of the newest blocks, the newest block first. */
  *newest(count: number): Generator<string> {
    for (const { texts } of this.#newest.iterate(count)) yield unpack(texts)
  }

  /** "" for a part that has no text in the index. */
  text(part: number, at: number, size: number): string {
    if (size === 0) return ""
    let text = this.#block(part).slice(at, at + size)
    // a long text continues in the following rows
    for (let row = part + 1; text.length < size; row++) {
      const more = this.rowText(row)
      if (more === "") break
      text += more.slice(0, size - text.length)
    }
    return text
  }

  /** Text of one row of a long text; "" when there is no such row. */
  rowText(row: number): string {
    const found = this.#find.get(row)
    return found?.first === row && found.last === row ? unpack(found.texts) : ""
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
