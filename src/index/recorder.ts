import type { ReadRecord, RecordParts } from "../session/part.ts"
import type { Database } from "../system/database.ts"
import type { Carry } from "./carry.ts"
import { type Found, readDamaged, recordsIn, type Skipped } from "./damage.ts"
import { checksum, checksumOf } from "./identity.ts"
import { parseObject } from "./json-object.ts"
import { HeldBytes, type LineBytes } from "./line-bytes.ts"
import type { Line, LongLine } from "./lines.ts"
import { TooManyPieces } from "./long-record.ts"
import { LongTexts } from "./long-texts.ts"
import { Rows } from "./rows.ts"
import { Sightings } from "./sightings.ts"
import type { IndexSource } from "./source.ts"
import { Spending } from "./spending.ts"

/** So many damaged places of a file are listed; all are counted. */
export const mostSkipped = 1000

/** A file that is being read. */
export interface Work {
  readonly source: IndexSource
  readonly id: number
  readonly read: ReadRecord
  readonly carry: Carry
  readonly skipped: Skipped[]
  damaged: number
  parts: number
}

/** Turns lines into rows of an open transaction. */
export class Recorder {
  readonly rows: Rows
  readonly sightings: Sightings
  readonly #spending: Spending

  constructor(database: Database) {
    this.rows = new Rows(database)
    this.sightings = new Sightings(database)
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

  line(work: Work, line: Line | LongLine): void {
    if (line.bytes === null) {
      this.#long(work, line.kept, line.offset)
      return
    }
    if (work.source.form === "text") {
      this.#text(work, line)
      return
    }
    const record = parseObject(line.bytes, 0, line.bytes.length)
    if (record !== null) {
      this.#record(work, { record, strings: null, offset: line.offset, length: line.bytes.length }, () =>
        checksum(line.bytes),
      )
    } else {
      const bytes = new HeldBytes(line.bytes)
      this.#read(work, readDamaged(bytes, line.offset), bytes, line.offset)
    }
  }

  #read(
    work: Work,
    { found, skipped }: ReturnType<typeof recordsIn>,
    bytes: LineBytes,
    offset: number,
  ): void {
    for (const each of found) this.#found(work, each, bytes, offset)
    for (const each of skipped) skip(work, each)
  }

  /** `from`: of the line in its file. */
  #found(work: Work, found: Found, bytes: LineBytes, from: number): void {
    const at = found.offset - from
    const long = found.strings === null ? null : new LongTexts(bytes, found.strings)
    this.#record(work, found, () => checksumOf(bytes, at, at + found.length), long)
  }

  /** One that is not held in memory. */
  #long(work: Work, bytes: LineBytes, offset: number): void {
    this.#read(work, recordsIn(bytes, offset), bytes, offset)
  }

  /**
   * A line without an end may be whole all the same, or still being written, also behind NUL bytes. Returns how many of
   * its bytes were dealt with.
   */
  lastLine(work: Work, line: Line | LongLine): number {
    if (line.bytes === null) return this.#lastLong(work, line)
    const { bytes } = line
    if (work.source.form === "text" || parseObject(bytes, 0, bytes.length) !== null) {
      this.line(work, line)
      return bytes.length
    }
    const behind = bytes.lastIndexOf(0) + 1
    const grows = behind < bytes.length && parseObject(bytes, behind, bytes.length) === null
    const whole = grows ? behind : bytes.length
    if (whole > 0) this.line(work, { ...line, bytes: bytes.subarray(0, whole) })
    return whole
  }

  #lastLong(work: Work, { kept, offset }: LongLine): number {
    const behind = isWhole(kept, 0) ? 0 : kept.lastIndexOf(0) + 1
    const grows = !isWhole(kept, behind)
    const whole = grows ? behind : kept.length
    if (whole > 0) this.#long(work, kept.until(whole), offset)
    return whole
  }

  #record(
    work: Work,
    { record, offset, length }: Found,
    sum: () => number,
    long: LongTexts | null = null,
  ): void {
    const { source } = work
    let said: ReturnType<ReadRecord>
    try {
      said = work.read(record, source.document)
    } catch (error) {
      skip(work, { offset, length, why: `its agent's plugin failed (${(error as Error).message})` })
      return
    }
    if (said !== null) this.#said(work, long?.shown(said) ?? said, offset, length, sum, long)
  }

  /** A copy may have been made when the file was shorter: only what stands behind that is new. */
  #text(work: Work, { bytes, offset }: Line): void {
    const { source } = work
    const session = this.rows.sessions.of(source.agent, source.session ?? "").id
    let at = 0
    for (;;) {
      const known = this.sightings.knownFrom(session, pieceId(source, offset + at))
      if (known === 0 || known >= bytes.length - at) break
      at += known
    }
    const piece = bytes.subarray(at)
    const from = offset + at
    this.#said(work, textParts(source, from, piece), from, piece.length, () => checksum(piece))
  }

  #said(
    work: Work,
    read: RecordParts,
    offset: number,
    length: number,
    sum: () => number,
    long: LongTexts | null = null,
  ): void {
    const { source, carry } = work
    const { rows } = this
    const uuid = read.session ?? source.session ?? ""
    const session = rows.sessions.of(source.agent, uuid)
    const said = source.form === "text" ? { ...read, cwd: rows.names.value(session.project) } : read
    const place = { source: work.id, agent: source.agent, session: uuid, offset, length }
    if (said.parts.length > 0) {
      const seen = { place, session: session.id, record: said, next: rows.nextPart }
      if (!this.sightings.isNew(seen, carry, sum)) {
        if (said.usage !== null) carry.usageBefore(said.usage) // its answer may go on behind what is known
        return
      }
      rows.add(place, said, carry, long)
    }
    work.parts += said.parts.length
    rows.sessions.note(session, said, rows.names.id(said.cwd), said.parts.length)
    if (said.usage !== null) {
      const at = { source: work.id, session: session.id, time: said.time, model: rows.names.id(said.model) }
      this.#spending.add(at, said.usage, carry.usageBefore(said.usage))
    }
  }
}

/** A piece is known by its place in its file: that is only added to, and the same wherever it is met again. */
function pieceId({ document }: IndexSource, offset: number): string {
  return `${document.slice(document.lastIndexOf("/") + 1)}@${offset}`
}

function textParts(source: IndexSource, offset: number, bytes: Buffer): RecordParts {
  const none = { cwd: null, branch: null, model: null, subagent: null, usage: null, title: null }
  const text = bytes.toString("utf8").replaceAll("\0", "")
  return {
    ...none,
    id: pieceId(source, offset),
    session: source.session,
    time: source.textAt ?? null,
    parts: [{ kind: "tool_result", role: "tool", text }],
  }
}

function isWhole(bytes: LineBytes, from: number): boolean {
  try {
    return bytes.parse(from, bytes.length) !== null
  } catch (error) {
    if (error instanceof TooManyPieces) return true
    throw error
  }
}

function skip(work: Work, skipped: Skipped): void {
  work.damaged++
  if (work.skipped.length < mostSkipped) work.skipped.push(skipped)
}
