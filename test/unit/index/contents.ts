import { createHash } from "node:crypto"
import { openDatabase } from "../../../src/system/sqlite/database.ts"

const orders = {
  session: "id",
  name: "id",
  part_context: "id",
  source: "id",
  part: "id",
  block: "first",
  record_key: "session, record",
  source_overlap: "source, original, from_offset",
  record_location: "part, source, offset",
  file_touch: "part, path",
  token_usage: "source, hour, session, model",
} as const

/** Every row of every table of an index, and every word with its places: number and checksum of each table's. */
export function contentsOf(path: string): Record<string, string> {
  const database = openDatabase(path)
  const sums: Record<string, string> = {}
  try {
    for (const [table, order] of Object.entries(orders))
      sums[table] = sumOf(database.query(`select * from ${table} order by ${order}`).values())
    database.run("create virtual table temp.place using fts5vocab(main, search, instance)")
    sums.words = sumOf(database.query("select term, doc, col, offset from temp.place").values())
    return sums
  } finally {
    database.close()
  }
}

function sumOf(rows: unknown[][]): string {
  const hash = createHash("sha256")
  for (const row of rows)
    for (const value of row) {
      hash.update(value instanceof Uint8Array ? value : String(value))
      hash.update("\0")
    }
  return `${rows.length} rows, ${hash.digest("hex").slice(0, 16)}`
}
