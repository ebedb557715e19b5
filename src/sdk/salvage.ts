/** What can be read of a line that is no JSON: runs of NUL, half a record with a whole one behind it, several on one line. */
import { parseLine, type TranscriptRecord } from "./parse-line.ts"

const brace = 0x7b
const closing = 0x7d
const quote = 0x22
const backslash = 0x5c
/** A torn record makes the rest of the line be scanned again; the limit is for binary data. */
const maxScannedBytes = 64 << 20

/**
 * The whole records on a damaged line, in order. `endsWhole`: the last one reaches the end of the line, so that nothing newer
 * is lost in it.
 */
export function salvageLine(line: Uint8Array): {
  readonly records: readonly TranscriptRecord[]
  readonly endsWhole: boolean
} {
  const records: TranscriptRecord[] = []
  let scanned = 0
  let end = 0
  for (let at = recordStart(line, 0); at !== -1 && scanned < maxScannedBytes; ) {
    const after = objectEnd(line, at)
    scanned += (after === -1 ? line.length : after) - at
    const record = after === -1 || !mayEnd(line, after) ? null : parseLine(line.subarray(at, after))
    if (record !== null) {
      records.push(record)
      end = after
    }
    at = recordStart(line, record === null ? at + 1 : after)
  }
  return { records, endsWhole: records.length > 0 && end >= lengthWithoutBlanks(line) }
}

/** A record begins with a brace and a key. */
function recordStart(line: Uint8Array, from: number): number {
  for (let at = line.indexOf(brace, from); at !== -1; at = line.indexOf(brace, at + 1))
    if (line[at + 1] === quote) return at
  return -1
}

/** Behind a record is nothing, another one, or damage; behind an object inside a torn record is the rest of that record. */
function mayEnd(line: Uint8Array, end: number): boolean {
  let at = end
  while (isBlank(line[at])) at++
  return at >= line.length || line[at] === brace
}

function lengthWithoutBlanks(line: Uint8Array): number {
  let length = line.length
  while (length > 0 && isBlank(line[length - 1])) length--
  return length
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x00
}

/** After the closing brace of an object, or -1 when it is not closed. */
function objectEnd(line: Uint8Array, start: number): number {
  let depth = 0
  let isQuoted = false
  for (let at = start; at < line.length; at++) {
    const byte = line[at]
    if (isQuoted) {
      if (byte === backslash) at++
      else if (byte === quote) isQuoted = false
    } else if (byte === quote) isQuoted = true
    else if (byte === brace) depth++
    else if (byte === closing && --depth === 0) return at + 1
  }
  return -1
}
