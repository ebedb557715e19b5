import type { ReadRecord, RecordParts } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { IndexSource, Skipped } from "../model/source.ts"
import { type Found, readDamaged, recordsIn } from "../records/damaged-lines.ts"
import { HeldBytes } from "../records/held-bytes.ts"
import { parseObject } from "../records/json-object.ts"
import type { LineBytes } from "../records/line-bytes.ts"
import type { Line, LongLine } from "../records/lines.ts"
import { TooManyPieces } from "../records/long-record.ts"
import { LongTexts } from "../records/long-texts.ts"
import { checksum, checksumOf } from "../store/hashing.ts"
import type { Sightings } from "./dedup.ts"
import { Entries, type Work } from "./entries.ts"

/** So many damaged places of a file are listed; all are counted. */
export const mostSkipped = 1000

/** Turns lines into rows of an open transaction. */
export class Recorder {
  readonly #entries: Entries

  constructor(database: Database) {
    this.#entries = new Entries(database)
  }

  get sightings(): Sightings {
    return this.#entries.sightings
  }

  forget(): void {
    this.#entries.forget()
  }

  /** Everything that is still in memory becomes rows. */
  flush(): void {
    this.#entries.flush()
  }

  line(work: Work, line: Line | LongLine): void {
    if (line.bytes === null) {
      this.#long(work, line.kept, line.offset)
      return
    }
    if (isText(work.source)) {
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
    if (isText(work.source) || parseObject(bytes, 0, bytes.length) !== null) {
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
    if (said !== null) this.#entries.add(work, long?.shown(said) ?? said, offset, length, sum, long)
  }

  /** A copy may have been made when the file was shorter: only what stands behind that is new. */
  #text(work: Work, { bytes, offset }: Line): void {
    const { source } = work
    const { sightings } = this.#entries
    const session = this.#entries.sessionOf(source)
    let at = 0
    for (;;) {
      const known = sightings.knownFrom(session, pieceId(source, offset + at))
      if (known === 0 || known >= bytes.length - at) break
      at += known
    }
    const piece = bytes.subarray(at)
    const from = offset + at
    this.#entries.add(work, textParts(source, from, piece), from, piece.length, () => checksum(piece))
  }
}

/** No records, but what a tool printed. */
export function isText({ form }: IndexSource): boolean {
  return form === "text" || form === "pieces"
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
