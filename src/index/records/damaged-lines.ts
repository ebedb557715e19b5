import { MiB } from "../../domain/bytes.ts"
import type { Skipped } from "../model/source.ts"
import { endsRecord, findRecordStart, objectEnd } from "./json-object.ts"
import type { LineBytes, ParsedRecord } from "./line-bytes.ts"
import { TooManyValues } from "./long-record.ts"

export interface FoundRecord extends ParsedRecord {
  readonly offset: number
  readonly length: number
}
/** Finds the records of a line, whole or damaged. `offset`: the line's offset in its file. */
export function recordsIn(line: LineBytes, offset: number): { found: FoundRecord[]; skipped: Skipped[] } {
  const { length } = line
  try {
    const parsed = line.parse(0, length)
    return parsed === null
      ? readDamaged(line, offset)
      : { found: [{ ...parsed, offset, length }], skipped: [] }
  } catch (error) {
    if (!(error instanceof TooManyValues)) throw error
    return { found: [], skipped: [{ offset, length, why: error.message }] }
  }
}

const nulByte = 0x00

/** Finds every record on a damaged line, and lists the bytes between records as skipped. */
export function readDamaged(line: LineBytes, offset: number): { found: FoundRecord[]; skipped: Skipped[] } {
  const found: FoundRecord[] = []
  const skipped: Skipped[] = []
  for (const [from, to] of betweenNuls(line)) readRun(line, from, to, offset, found, skipped)
  const nuls = countNuls(line)
  if (nuls > 0) {
    skipped.unshift({ offset: offset + line.indexOf(nulByte, 0), length: nuls, why: `${nuls} NUL bytes` })
  }
  return { found, skipped }
}

/** Bounds the rescans after an unfinished record on a huge line. */
const minScanBytes = 64 * MiB

/** Skipped ranges listed for a line: binary data may have millions. */
const maxSkippedPlaces = 1000

function readRun(
  line: LineBytes,
  from: number,
  to: number,
  offset: number,
  found: FoundRecord[],
  skipped: Skipped[],
) {
  const most = Math.max(minScanBytes, 2 * line.length)
  let scanned = 0
  let torn = false
  let at = from
  const skip = (end: number) => {
    const why = torn ? "a record that breaks off" : "no JSON object"
    torn = false
    if (end <= at || (end - at < 1024 && line.slice(at, end).toString("latin1").trim() === "")) return
    const last = skipped.length < maxSkippedPlaces ? undefined : skipped.at(-1)
    if (last === undefined || (found.at(-1)?.offset ?? -1) > last.offset)
      skipped.push({ offset: offset + at, length: end - at, why })
    else skipped[skipped.length - 1] = { ...last, length: offset + end - last.offset }
  }
  for (let start = findRecordStart(line, at, to); start !== -1 && scanned < most; ) {
    const end = objectEnd(line, start, to)
    scanned += (end === -1 ? to : end) - start
    const record = end !== -1 && endsRecord(line, end, to) ? line.parse(start, end) : null
    if (record !== null) {
      skip(start)
      found.push({ ...record, offset: offset + start, length: end - start })
      at = end
    } else torn = true
    start = findRecordStart(line, record === null ? start + 1 : end, to)
  }
  skip(to)
}

function* betweenNuls(line: LineBytes): Generator<[number, number]> {
  for (let at = 0; at < line.length; ) {
    if (line.at(at) === nulByte) {
      at++
      continue
    }
    const end = line.indexOf(nulByte, at)
    yield [at, end === -1 ? line.length : end]
    if (end === -1) return
    at = end + 1
  }
}

function countNuls(line: LineBytes): number {
  let count = 0
  for (let at = Math.max(0, line.indexOf(nulByte, 0)); at < line.length; at++)
    if (line.at(at) === nulByte) count++
  return count
}
