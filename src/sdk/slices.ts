/** Reading either end of a file with one JSON record a line, however long the file and its lines are. */
import type { DiskPath } from "../domain/disk-path.ts"
import { beginsRecord, type FileReading, lineStart, readShortened } from "./long-line.ts"
import { parseLine, type TranscriptRecord } from "./parse-line.ts"
import { salvageLine } from "./salvage.ts"

/** A part of a transcript, cut at whole lines. */
export interface TranscriptSlice {
  readonly records: readonly TranscriptRecord[]
  /** Complete lines that are not JSON, or contain NUL bytes. Whole records on them are among the records. */
  readonly damaged: number
  /** The last line of the file is incomplete. */
  readonly torn: boolean
  /** Covers the file from its first byte to its last. */
  readonly whole: boolean
  /** Its last line could not be read: the newest record is unknown. */
  readonly unreadableEnd: boolean
}

const firstWindowBytes = 64 * 1024
/** Limit for parsing at once: a single line of 12 million characters is known from public threads. */
const maxWindowBytes = 32 * 1024 * 1024
const longLineBytes = 4 << 20
/** Longer lines at the end are read with their strings truncated, up to this many bytes in all. */
const maxTailBytes = 1 << 30

/** Reads from the start until `enough` returns true. */
export function readHead(
  ctx: FileReading,
  path: DiskPath,
  size: number,
  enough: (stretch: TranscriptSlice) => boolean,
): TranscriptSlice {
  for (let window = firstWindowBytes; ; window *= 8) {
    const bytes = ctx.files.read(path, 0, Math.min(window, size)) ?? new Uint8Array()
    const whole = bytes.length >= size
    const stretch = parse(bytes, { fromStart: true, toEnd: whole })
    if (whole || window >= maxWindowBytes || enough(stretch)) return stretch
  }
}

/** Reads backwards from the end until `enough` returns true, starting with `first` bytes. */
export function readTail(
  ctx: FileReading,
  path: DiskPath,
  size: number,
  enough: (stretch: TranscriptSlice) => boolean,
  first = firstWindowBytes,
  most = maxTailBytes,
): TranscriptSlice {
  for (let window = first; ; window *= 8) {
    const from = Math.max(0, size - window)
    const bytes = ctx.files.read(path, from, size - from) ?? new Uint8Array()
    const stretch = parse(bytes, { fromStart: from === 0, toEnd: true })
    if (from === 0 || enough(stretch)) return stretch
    if (window < maxWindowBytes) continue
    const cut = bytes.indexOf(newline)
    const end = cut === -1 ? size : from + cut + 1 // end of the line in which the window begins
    const start = lineStart(ctx, path, from)
    if (end - start < longLineBytes || size - start > most || !beginsRecord(ctx, path, start)) return stretch // many short lines are no reason to read on
    const line = parse(readShortened(ctx, path, start, end), { fromStart: true, toEnd: true })
    const behind = end === size ? line : join(line, stretch)
    const more = (before: TranscriptSlice) => enough(join(before, behind))
    if (start === 0) return { ...behind, whole: true }
    if (enough(behind)) return { ...behind, whole: false }
    return join(readTail(ctx, path, start, more, first, most - (size - start)), behind)
  }
}

function join(before: TranscriptSlice, after: TranscriptSlice): TranscriptSlice {
  return {
    records: [...before.records, ...after.records],
    damaged: before.damaged + after.damaged,
    torn: after.torn,
    whole: before.whole,
    unreadableEnd: after.unreadableEnd,
  }
}

const newline = 0x0a

function parse(bytes: Uint8Array, ends: { fromStart: boolean; toEnd: boolean }): TranscriptSlice {
  const records: TranscriptRecord[] = []
  const whole = ends.fromStart && ends.toEnd
  let damaged = 0
  let torn = false
  let unreadableEnd = false
  let at = ends.fromStart ? 0 : bytes.indexOf(newline) + 1
  if (!ends.fromStart && at === 0) {
    return { records, damaged, torn, whole, unreadableEnd: true } // contains no complete line
  }
  while (at < bytes.length) {
    const end = bytes.indexOf(newline, at)
    if (end === -1 && !ends.toEnd) break
    const line = bytes.subarray(at, end === -1 ? bytes.length : end)
    at = end === -1 ? bytes.length : end + 1
    if (line.length === 0) continue
    const record = parseLine(line)
    unreadableEnd = record === null
    if (record !== null) {
      records.push(record)
      continue
    }
    const salvaged = salvageLine(line)
    records.push(...salvaged.records)
    unreadableEnd = !salvaged.endsWhole
    if (end === -1) torn = true
    else damaged++
  }
  return { records, damaged, torn, whole, unreadableEnd }
}
