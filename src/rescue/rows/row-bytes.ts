import { RescueError } from "../../domain/errors.ts"
import { isRow, type RowsLine, type SessionRows, withNested } from "../../domain/rows/rows.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { classifyDatabaseError } from "../../system/sqlite/errors.ts"
import { openForeign, openPair, type SnapshotPair } from "../../system/sqlite/snapshot.ts"
import { toSourceError } from "../io/source-errors.ts"
import { sessionLines } from "./lines.ts"

const chunkBytes = 256 * 1024

/** The session's rows as the bytes of a file, in pieces. `count` is called for every row. */
export function rowBytes(
  database: Database,
  rows: SessionRows,
  count: (table: string) => void = () => {},
): Generator<Buffer> {
  return bytesOf(sessionLines(database, rows), count)
}

/** The same of what is said in it alone, at whatever commit: for those who only read. */
export function* conversationBytes(rows: SessionRows): Generator<Buffer> {
  const open = withSourceErrors(rows, () => openForeign(rows.database))
  if (open === null) return
  try {
    yield* bytesOf(sessionLines(open.database, rows, "conversation"))
  } catch (error) {
    throw toRowsError(error, rows.database)
  } finally {
    open.close()
  }
}

function* bytesOf(lines: Iterable<RowsLine>, count: (table: string) => void = () => {}): Generator<Buffer> {
  let pieces: Buffer[] = []
  let size = 0
  for (const line of lines) {
    if (isRow(line)) for (const { table } of withNested(line)) count(table)
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    pieces.push(bytes)
    size += bytes.length
    if (size < chunkBytes) continue
    yield Buffer.concat(pieces)
    pieces = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(pieces)
}

/** Two readers of one commit. What cannot be read is an error of this session alone. */
export function openRows(rows: SessionRows): SnapshotPair {
  const pair = withSourceErrors(rows, () => openPair(rows.database))
  if (pair !== null) return pair
  throw toSourceError(
    new RescueError(
      "SOURCE_GONE",
      `${rows.database} is not there, or is written so often that it could not be read twice at one commit`,
      "look at session-rescue --status, then try again",
    ),
    rows.database,
  )
}

function withSourceErrors<T>({ database }: SessionRows, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw toRowsError(error, database)
  }
}

export function toRowsError(error: unknown, database: string): unknown {
  const kind = classifyDatabaseError(error)
  if (kind === null) return toSourceError(error, database)
  const message =
    kind === "damaged"
      ? `${database} is damaged (${(error as Error).message})`
      : `${database} cannot be read (${(error as Error).message})`
  const hint = "its sessions are in no other place: keep the file, and restore from an earlier export"
  return toSourceError(new RescueError("CANNOT_READ", message, hint, { cause: error }), database)
}

/** SHA-256 of what would be saved of these rows now; null when that is unknown. */
export function digestRows(rows: SessionRows): string | null {
  try {
    const pair = openPair(rows.database)
    if (pair === null) return null
    try {
      const hasher = new Bun.CryptoHasher("sha256")
      for (const bytes of rowBytes(pair.first, rows)) hasher.update(bytes)
      return pair.isIntact() ? hasher.digest("hex") : null
    } finally {
      pair.close()
    }
  } catch {
    return null
  }
}
