/** Whether one file of rows holds what another holds, row by row: their bytes come in another order, or with others between. */
import {
  isRow,
  type RowsLine,
  revisionOf,
  rowKey,
  type SessionRows,
  withNested,
} from "../../domain/rows/rows.ts"
import { openForeign } from "../../system/sqlite/snapshot.ts"
import { sessionLines } from "./lines.ts"

/** The lines of a file; throws when one is no JSON. A torn last line is handed to `torn`. */
export async function* readLines(
  stream: AsyncIterable<Uint8Array>,
  torn: (text: string) => void = () => {},
): AsyncGenerator<RowsLine> {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let rest: Buffer[] = []
  for await (const piece of stream) {
    let from = 0
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, from)) {
      const line = [...rest, Buffer.from(piece.subarray(from, end))]
      yield JSON.parse(decoder.decode(Buffer.concat(line))) as RowsLine
      rest = []
      from = end + 1
    }
    if (from < piece.length) rest.push(Buffer.from(piece.subarray(from))) // the memory of a piece is used again
  }
  if (rest.length > 0) torn(Buffer.concat(rest).toString())
}

const newline = 0x0a

/** A row by itself, without those that belong to it, or another line. */
type Entry = { readonly key: string; readonly digest: string; readonly updated: number | null }

function* entriesOf(line: RowsLine, keys: Map<string, readonly string[]>): Generator<Entry> {
  if (!isRow(line)) {
    if ("schema" in line && line.schema.key !== undefined) keys.set(line.schema.name, line.schema.key)
    const text = JSON.stringify(line)
    yield { key: `line ${text}`, digest: digest(text), updated: null }
    return
  }
  for (const row of withNested(line)) {
    const text = JSON.stringify([row.table, row.session ?? null, row.row])
    yield { key: rowKey(row, keys.get(row.table)), digest: digest(text), updated: revisionOf(row) }
  }
}

function digest(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("base64")
}

interface Held {
  readonly digest: string
  readonly updated: number | null
}

async function indexOf(stream: AsyncIterable<Uint8Array>): Promise<ReadonlyMap<string, Held>> {
  const keys = new Map<string, readonly string[]>()
  const held = new Map<string, Held>()
  for await (const line of readLines(stream))
    for (const { key, digest, updated } of entriesOf(line, keys)) held.set(key, { digest, updated })
  return held
}

/**
 * Why the later file does not hold the earlier one, null when it does. `same`: every row of it, unchanged. `newer`: every
 * row that its agent has not deleted or written again since, as the row's own `time_updated` says.
 */
export async function reasonRowsNotHeld(
  earlier: AsyncIterable<Uint8Array>,
  later: AsyncIterable<Uint8Array>,
  how: "same" | "newer",
): Promise<string | null> {
  const held = await indexOf(later)
  const keys = new Map<string, readonly string[]>()
  let torn = false
  const lines = readLines(earlier, () => {
    torn = true
  })
  for await (const line of lines) {
    if (how === "newer" && !isRow(line)) {
      for (const _ of entriesOf(line, keys)); // a client that was updated has changed its schema
      continue
    }
    for (const { key, digest, updated } of entriesOf(line, keys)) {
      const its = held.get(key)
      if (its === undefined) return `it lacks ${key.slice(0, 100)}` // safety: rows-held
      if (its.digest === digest) continue
      const isLater = its.updated !== null && updated !== null && its.updated >= updated
      if (how === "same" || !isLater) return `its ${key.slice(0, 100)} is different` // safety: rows-held-same
    }
  }
  return torn ? "the other ends within a row" : null
}

/** Whether every whole row of a file that a dead run left is in the database as it is now. */
export async function areRowsInDatabase(
  left: AsyncIterable<Uint8Array>,
  rows: SessionRows,
): Promise<boolean> {
  const open = openForeign(rows.database)
  if (open === null) return false
  const held = new Set<string>()
  try {
    const keys = new Map<string, readonly string[]>()
    for (const line of sessionLines(open.database, rows))
      for (const { digest } of entriesOf(line, keys)) held.add(digest)
    if (!open.isIntact()) return false
  } finally {
    open.close()
  }
  const keys = new Map<string, readonly string[]>()
  let torn = ""
  for await (const line of readLines(left, (text) => (torn = text)))
    for (const { digest } of entriesOf(line, keys)) if (!held.has(digest)) return false
  return torn === "" || isBeginning(torn, rows)
}

/** Whether a line that was cut off begins as one that the database gives now. */
function isBeginning(torn: string, rows: SessionRows): boolean {
  const open = openForeign(rows.database)
  if (open === null) return false
  try {
    for (const line of sessionLines(open.database, rows))
      if (JSON.stringify(line).startsWith(torn)) return open.isIntact()
    return false
  } finally {
    open.close()
  }
}
