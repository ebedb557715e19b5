import { eachRecord, type ReadParts, type RecordParts } from "../../domain/conversation/message-part.ts"
import { textFilePart } from "../../domain/conversation/text-file.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { PackedRecord } from "../model/packed-record.ts"
import type { IndexSource, Skipped } from "../model/source.ts"
import { type FoundRecord, readDamaged, recordsIn } from "../records/damaged-lines.ts"
import { parseObject } from "../records/json-object.ts"
import type { LineBytes } from "../records/line-bytes.ts"
import { MemoryLine } from "../records/line-storage.ts"
import type { Line, LongLine } from "../records/lines.ts"
import { TooManyValues } from "../records/long-record.ts"
import { LongTexts } from "../records/long-texts.ts"
import { checksum, checksumRange } from "../store/hashing.ts"
import type { Deduplicator } from "./dedup.ts"
import { RecordIngester, type SourceIngest } from "./entries.ts"

/** Damaged lines listed for each file; all of them are counted. */
export const maxSkippedLines = 1000

/**
 * Turns the lines of a file into rows of an open transaction: parses each line, whole or damaged, lets the agent's
 * plugin read its records, and hands them to RecordIngester.
 */
export class LineIngester {
  readonly #records: RecordIngester

  constructor(database: Database) {
    this.#records = new RecordIngester(database)
  }

  get dedup(): Deduplicator {
    return this.#records.dedup
  }

  forget(): void {
    this.#records.forget()
  }

  compressInBackground(): void {
    this.#records.compressInBackground()
  }

  /** A record that was parsed by another thread. */
  packed(work: SourceIngest, { record, offset, length, sum }: PackedRecord): void {
    this.#records.add(work, record, offset, length, () => sum)
  }

  flush(): void {
    this.#records.flush()
  }

  line(work: SourceIngest, line: Line | LongLine): void {
    if (line.bytes === null) {
      this.#longLine(work, line.scratch, line.offset)
      return
    }
    if (isToolOutput(work.source)) {
      this.#addText(work, line)
      return
    }
    const record = parseObject(line.bytes, 0, line.bytes.length)
    if (record !== null) {
      this.#addRecord(work, { record, strings: null, offset: line.offset, length: line.bytes.length }, () =>
        checksum(line.bytes),
      )
    } else {
      const bytes = new MemoryLine(line.bytes)
      this.#addAll(work, readDamaged(bytes, line.offset), bytes, line.offset)
    }
  }

  #addAll(
    work: SourceIngest,
    { found, skipped }: ReturnType<typeof recordsIn>,
    bytes: LineBytes,
    offset: number,
  ): void {
    for (const each of found) this.#addFound(work, each, bytes, offset)
    for (const each of skipped) addSkipped(work, each)
  }

  /** `from`: the line's offset in its file. */
  #addFound(work: SourceIngest, found: FoundRecord, bytes: LineBytes, from: number): void {
    const at = found.offset - from
    const long = found.strings === null ? null : new LongTexts(bytes, found.strings)
    this.#addRecord(work, found, () => checksumRange(bytes, at, at + found.length), long)
  }

  #longLine(work: SourceIngest, bytes: LineBytes, offset: number): void {
    this.#addAll(work, recordsIn(bytes, offset), bytes, offset)
  }

  /**
   * The last line, without a line end. It may be complete or still being written, also after NUL bytes. Returns the
   * number of its bytes that were processed.
   */
  lastLine(work: SourceIngest, line: Line | LongLine): number {
    if (line.bytes === null) return this.#lastLongLine(work, line)
    const { bytes } = line
    if (isToolOutput(work.source) || parseObject(bytes, 0, bytes.length) !== null) {
      this.line(work, line)
      return bytes.length
    }
    const behind = bytes.lastIndexOf(0) + 1
    const grows = behind < bytes.length && parseObject(bytes, behind, bytes.length) === null
    const whole = grows ? behind : bytes.length
    if (whole > 0) this.line(work, { ...line, bytes: bytes.subarray(0, whole) })
    return whole
  }

  #lastLongLine(work: SourceIngest, { scratch, offset }: LongLine): number {
    const behind = isComplete(scratch, 0) ? 0 : scratch.lastIndexOf(0) + 1
    const grows = !isComplete(scratch, behind)
    const whole = grows ? behind : scratch.length
    if (whole > 0) this.#longLine(work, scratch.until(whole), offset)
    return whole
  }

  #addRecord(
    work: SourceIngest,
    { record, offset, length }: FoundRecord,
    sum: () => number,
    long: LongTexts | null = null,
  ): void {
    const { source } = work
    let said: ReadParts
    try {
      said = work.read(record, source.document)
    } catch (error) {
      addSkipped(work, { offset, length, why: `its agent's plugin failed (${(error as Error).message})` })
      return
    }
    for (const each of eachRecord(said))
      this.#records.add(work, long?.withoutMarks(each) ?? each, offset, length, sum, long)
  }

  /** A copy may have been made when the file was shorter: only the bytes after that are new. */
  #addText(work: SourceIngest, { bytes, offset }: Line): void {
    const { source } = work
    const { dedup } = this.#records
    const session = this.#records.sessionOf(source)
    let at = 0
    for (;;) {
      const known = dedup.knownLength(session, chunkId(source, offset + at))
      if (known === 0 || known >= bytes.length - at) break
      at += known
    }
    const piece = bytes.subarray(at)
    const from = offset + at
    this.#records.add(work, chunkRecord(source, from, piece), from, piece.length, () => checksum(piece))
  }
}

/** Whether the file contains tool output instead of records. */
function isToolOutput({ form }: IndexSource): boolean {
  return form === "text" || form === "pieces"
}

/** Identifies a chunk by its offset: such files only grow, and have equal offsets in every copy. */
function chunkId({ document }: IndexSource, offset: number): string {
  return `${document.slice(document.lastIndexOf("/") + 1)}@${offset}`
}

function chunkRecord(source: IndexSource, offset: number, bytes: Buffer): RecordParts {
  const none = { cwd: null, branch: null, model: null, subagent: null, usage: null, title: null }
  const text = bytes.toString("utf8").replaceAll("\0", "")
  return {
    ...none,
    id: chunkId(source, offset),
    session: source.session,
    time: source.textAt ?? null,
    parts: [textFilePart(source.document, text)],
  }
}

function isComplete(bytes: LineBytes, from: number): boolean {
  try {
    return bytes.parse(from, bytes.length) !== null
  } catch (error) {
    if (error instanceof TooManyValues) return true
    throw error
  }
}

function addSkipped(work: SourceIngest, skipped: Skipped): void {
  work.damaged++
  if (work.skipped.length < maxSkippedLines) work.skipped.push(skipped)
}
