import type { DiskPath } from "../domain/disk-path.ts"
import type { Files } from "../system/fs/files.ts"

/** A context, or anything else that reads files. */
export interface FileReading {
  readonly files: Pick<Files, "read">
}

/** Bytes kept of each string in a long line: enough for a title, a tool name or a folder. */
const maxStringBytes = 4096
const chunkBytes = 4 << 20
/** For searching backwards: reads of this size share one buffer, whatever the length of the line. */
const searchBytes = 2 << 20
const newline = 0x0a
const quote = 0x22
const backslash = 0x5c

/** Start of the line that contains offset `before`. */
export function lineStart(ctx: FileReading, path: DiskPath, before: number): number {
  for (let to = before; to > 0; to -= searchBytes) {
    const from = Math.max(0, to - searchBytes)
    const at = (ctx.files.read(path, from, to - from) ?? new Uint8Array()).lastIndexOf(newline)
    if (at !== -1) return from + at + 1
  }
  return 0
}

/** Whether a line can be a record at all: what a crash leaves (runs of NUL) is skipped unread. */
export function beginsRecord(ctx: FileReading, path: DiskPath, at: number): boolean {
  return ctx.files.read(path, at, 1)?.[0] === 0x7b
}

/** Reads a line that is too long to parse as JSON with its long strings truncated. */
export function readShortened(ctx: FileReading, path: DiskPath, from: number, to: number): Uint8Array {
  const cutter = new StringCutter()
  const pieces: Uint8Array[] = []
  for (let at = from; at < to; at += chunkBytes) {
    pieces.push(cutter.pass(ctx.files.read(path, at, Math.min(chunkBytes, to - at)) ?? new Uint8Array()))
  }
  return Buffer.concat(pieces)
}

function indexFrom(bytes: Uint8Array, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from)
  return at === -1 ? bytes.length : at
}

class StringCutter {
  #inString = false
  #cutting = false
  #escaped = false
  #length = 0
  #sinceEscape = 0

  pass(bytes: Uint8Array): Uint8Array {
    const short = new Uint8Array(bytes.length)
    let used = 0
    let [nextQuote, nextBackslash] = [-1, -1]
    for (let at = 0; at < bytes.length; at++) {
      if (this.#cutting && !this.#escaped) {
        if (nextQuote < at) nextQuote = indexFrom(bytes, quote, at)
        if (nextBackslash < at) nextBackslash = indexFrom(bytes, backslash, at)
        at = Math.min(nextQuote, nextBackslash) // everything before it is dropped
        if (at === bytes.length) break
      }
      const byte = bytes[at] as number
      if (this.#keeps(byte)) short[used++] = byte
    }
    return short.slice(0, used)
  }

  #keeps(byte: number): boolean {
    if (!this.#inString) {
      if (byte === quote) {
        this.#inString = true
        this.#length = 0
        this.#sinceEscape = 0
      }
      return true
    }
    if (!this.#cutting && this.#length >= maxStringBytes) this.#cutting = this.#isSeam(byte)
    const ends = byte === quote && !this.#escaped
    const begins = byte === backslash && !this.#escaped
    this.#escaped = begins
    this.#sinceEscape = begins ? 0 : this.#sinceEscape + 1
    this.#length++
    if (!ends) return !this.#cutting
    this.#inString = false
    this.#cutting = false
    return true
  }

  /** A cut must not split a multi-byte character or an escape sequence (`\\u0000`). */
  #isSeam(byte: number): boolean {
    return !this.#escaped && this.#sinceEscape > 5 && (byte & 0xc0) !== 0x80
  }
}
