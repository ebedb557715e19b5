import { MiB } from "../../domain/bytes.ts"
import { showPath } from "../../domain/disk-path.ts"
import type { SessionRows } from "../../domain/rows/rows.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import type { FileState, IndexSource } from "../../index/index.ts"
import { conversationBytes } from "../../rescue/rows/row-bytes.ts"

/** A conversation up to this size is read from its database once, and then from memory. */
const maxHeldBytes = 8 * MiB

/** What the index knows of rows that it has read: their size is known only once they are read. */
export function rowsState(found: FoundSession, { version, writtenAt }: SessionRows): FileState {
  // without a count of changes, every write to the database may be one of this session
  const file = version === "" ? `rows at ${writtenAt}` : `rows ${version}`
  return {
    path: showPath(found.transcript ?? ""),
    file,
    size: null,
    modifiedAt: Math.floor(found.modifiedAt ?? 0),
  }
}

/** The conversation in a session's rows, as a file of lines would be. Nothing is read before it is asked for. */
export function rowsSource(found: FoundSession, rows: SessionRows): IndexSource {
  const reading = new RowsReading(rows)
  return {
    ...rowsState(found, rows),
    place: "live",
    agent: found.agent,
    session: found.id,
    document: "",
    export: null,
    get size() {
      return reading.size
    },
    open: (from, length) => reading.open(from, length),
  }
}

class RowsReading {
  #size: number | null = null
  #held: Buffer | null = null

  constructor(private readonly rows: SessionRows) {}

  get size(): number {
    if (this.#size !== null) return this.#size
    let held: Buffer[] | null = []
    let size = 0
    for (const bytes of conversationBytes(this.rows)) {
      size += bytes.length
      if (size > maxHeldBytes) held = null
      held?.push(bytes)
    }
    this.#held = held === null ? null : Buffer.concat(held)
    this.#size = size
    return size
  }

  *open(from: number, length = Number.POSITIVE_INFINITY): Generator<Uint8Array> {
    const end = Math.min(from + length, this.size)
    const held = this.#held
    if (held !== null) {
      if (from < end) yield held.subarray(from, end)
      return
    }
    let at = 0
    for (const bytes of conversationBytes(this.rows)) {
      const [first, last] = [Math.max(0, from - at), Math.min(bytes.length, end - at)]
      if (first < last) yield bytes.subarray(first, last)
      at += bytes.length
      if (at >= end) return
    }
  }
}
