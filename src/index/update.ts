import type { ReadRecord } from "../session/part.ts"
import { type Database, databaseTrouble } from "../system/database.ts"
import { Carry } from "./carry.ts"
import { type Found, parseObject, readDamaged, type Skipped } from "./damage.ts"
import { checksum } from "./identity.ts"
import { type Line, LineCutter, type LongLine } from "./lines.ts"
import { Rows } from "./rows.ts"
import { Sightings } from "./sightings.ts"
import type { IndexSource, KnownSource, SourceReport } from "./source.ts"
import { SourceRows } from "./source-rows.ts"
import { Spending } from "./spending.ts"

const mostSkipped = 1000
/** How many bytes at a file's beginning, and before the place where reading stopped, tell it from another. */
const seamLength = 4096

/** What happens while a file is read. */
export interface Reading {
  readonly signal: AbortSignal
  /** Bytes read since the last call. */
  progress(bytes: number): void
}

export interface Updated {
  readonly report: SourceReport
  readonly now: KnownSource
}

interface Work {
  readonly source: IndexSource
  readonly id: number
  readonly read: ReadRecord
  readonly carry: Carry
  readonly skipped: Skipped[]
  damaged: number
  parts: number
}

/** Reads files into an open transaction's rows. */
export class Updater {
  readonly rows: Rows
  readonly sources: SourceRows
  readonly #sightings: Sightings
  readonly #spending: Spending

  constructor(database: Database) {
    this.rows = new Rows(database)
    this.sources = new SourceRows(database)
    this.#sightings = new Sightings(database)
    this.#spending = new Spending(database)
  }

  forget(): void {
    this.rows.forget()
    this.#spending.forget()
  }

  /** Everything that is still in memory becomes rows. */
  flush(): void {
    this.rows.blocks.flush()
    this.rows.sessions.save()
    this.#spending.save()
  }

  /** The caller holds a transaction; until `flush` some of it is in memory. */
  async update(source: IndexSource, read: ReadRecord, reading: Reading): Promise<Updated> {
    const known = this.sources.find(source)
    if (known === null) return this.#read(source, this.sources.add(source), 0, "new", read, reading)
    if (known.file === source.file && known.size === source.size && known.modified === source.modifiedAt) {
      const now = this.sources.settle(known, source)
      return { report: reportOf(now), now }
    }
    if (!(await continues(known, source))) {
      return this.#read(source, this.sources.retire(known), 0, "rewritten", read, reading)
    }
    if (known.size === source.size) {
      const now = this.sources.settle(known, source)
      return { report: reportOf(now), now }
    }
    return this.#read(source, known, known.done, "appended", read, reading)
  }

  async #read(
    source: IndexSource,
    known: KnownSource,
    from: number,
    state: SourceReport["state"],
    read: ReadRecord,
    reading: Reading,
  ): Promise<Updated> {
    const carry = new Carry(known.carry)
    const skipped: Skipped[] = known.skipped === null ? [] : JSON.parse(known.skipped)
    const work: Work = { source, id: known.id, read, carry, skipped, damaged: known.damaged, parts: 0 }
    const cutter = new LineCutter(from)
    let bytes = 0
    let trouble: Error | null = null
    this.#sightings.begin()
    try {
      for await (const piece of source.open(from)) {
        const chunk = piece.subarray(0, source.size - from - bytes) // it may have grown since it was looked at
        for (const line of cutter.cut(chunk)) this.#line(work, line)
        bytes += chunk.length
        reading.progress(chunk.length)
        if (from + bytes >= source.size || reading.signal.aborted) break
      }
    } catch (error) {
      if (databaseTrouble(error) !== null) throw error
      trouble = error as Error
    }
    const broken = from + bytes < source.size
    let done = cutter.offset
    if (!broken) for (const line of cutter.rest()) if (this.#lastLine(work, line)) done = source.size
    this.#sightings.end(known.id)
    const now = {
      ...known,
      size: from + bytes,
      modified: broken ? -1 : source.modifiedAt,
      done,
      carry: carry.save(),
      skipped: skipped.length === 0 ? null : JSON.stringify(skipped.slice(0, mostSkipped)),
      damaged: work.damaged,
      parts: known.parts + work.parts,
    }
    const saved = this.sources.save({ ...now, ...(await readEdges(source, done)) }, source)
    const about = { state: broken ? "broken-off" : state, parts: work.parts, bytes, trouble } as const
    return { report: { ...reportOf(now), ...about }, now: saved }
  }

  #line(work: Work, line: Line | LongLine): void {
    if (line.bytes === null) {
      skip(work, { offset: line.offset, length: line.length, why: "a line of more than 48 MB" })
      return
    }
    const record = parseObject(line.bytes, 0, line.bytes.length)
    if (record !== null) {
      this.#record(work, { record, offset: line.offset, length: line.bytes.length }, line.bytes)
      return
    }
    const { found, skipped } = readDamaged(line.bytes, line.offset)
    for (const each of found) {
      const at = each.offset - line.offset
      this.#record(work, each, line.bytes.subarray(at, at + each.length))
    }
    for (const each of skipped) skip(work, each)
  }

  /** A line without an end may be whole all the same, or still being written. true: it was dealt with. */
  #lastLine(work: Work, line: Line | LongLine): boolean {
    const { bytes } = line
    if (bytes !== null && !bytes.includes(0) && parseObject(bytes, 0, bytes.length) === null) return false
    this.#line(work, line)
    return true
  }

  #record(work: Work, { record, offset, length }: Found, bytes: Uint8Array): void {
    const { source, carry } = work
    let said: ReturnType<ReadRecord>
    try {
      said = work.read(record, source.document)
    } catch (error) {
      skip(work, { offset, length, why: `its agent's plugin failed (${(error as Error).message})` })
      return
    }
    if (said === null) return
    const { rows } = this
    const uuid = said.session ?? source.session ?? ""
    const session = rows.sessions.of(source.agent, uuid)
    const place = { source: work.id, agent: source.agent, session: uuid, offset, length }
    if (said.parts.length > 0) {
      const seen = { place, session: session.id, record: said, next: rows.nextPart }
      if (!this.#sightings.isNew(seen, carry, () => checksum(bytes))) return
      rows.add(place, said, carry)
    }
    work.parts += said.parts.length
    rows.sessions.note(session, said, rows.names.id(said.cwd), said.parts.length)
    if (said.usage !== null) {
      const at = { source: work.id, session: session.id, time: said.time, model: rows.names.id(said.model) }
      this.#spending.add(at, said.usage, carry.usageBefore(said.usage))
    }
  }
}

function skip(work: Work, skipped: Skipped): void {
  work.damaged++
  if (work.skipped.length < mostSkipped) work.skipped.push(skipped)
}

/** What is known of a file without reading it again. */
export function reportOf(known: KnownSource): SourceReport {
  const torn = known.size - known.done
  const skipped: Skipped[] = known.skipped === null ? [] : JSON.parse(known.skipped)
  if (torn > 0) skipped.push({ offset: known.done, length: torn, why: "the last line is not whole" })
  const { path, damaged } = known
  const skippedCount = damaged + (torn > 0 ? 1 : 0)
  return { path, state: "unchanged", parts: 0, bytes: 0, torn, skipped, skippedCount, trouble: null }
}

/** Whether a file still begins with what was read of it. */
async function continues(known: KnownSource, source: IndexSource): Promise<boolean> {
  if (known.file !== source.file || source.size < known.done) return false
  const { head, seam } = await readEdges(source, known.done)
  return head === known.head && seam === known.seam
}

/** Checksums of a file's first bytes and of those before `done`. An archived one is known by its own checksum. */
async function readEdges(source: IndexSource, done: number): Promise<{ head: number; seam: number }> {
  if (source.place === "archived" || done === 0) return { head: 0, seam: 0 }
  const length = Math.min(seamLength, done)
  const head = await readSome(source, 0, length)
  return { head, seam: length === done ? head : await readSome(source, done - length, length) }
}

async function readSome(source: IndexSource, from: number, length: number): Promise<number> {
  const pieces: Uint8Array[] = []
  let read = 0
  for await (const piece of source.open(from, length)) {
    const wanted = piece.slice(0, length - read)
    pieces.push(wanted)
    read += wanted.length
    if (read >= length) break
  }
  return checksum(Buffer.concat(pieces))
}
