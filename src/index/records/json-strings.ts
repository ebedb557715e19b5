import { KiB } from "../../domain/bytes.ts"
import { limits } from "../model/limits.ts"
import type { LineBytes } from "./line-bytes.ts"

const quote = 0x22
const colon = 0x3a
const white = new Set([0x20, 0x09, 0x0a, 0x0d])
const numeric = new Set([...Buffer.from("0123456789+-.eE")])
/** Collect garbage after this many values: they are small, but there may be millions. */
const leavesPerCollection = 65_536

/** Letters of literals; the last of `true` and `false` may also be part of a number. */
const literalBytes = new Set([...Buffer.from("truefalsn")])

/** The strings and numbers in an array or object, in order, one per line, without keys. */
export function* stringsIn(bytes: LineBytes, from: number, to: number): Generator<string> {
  let text = ""
  let count = 0
  for (let at = from; at < to; ) {
    const byte = bytes.at(at)
    let leaf: Iterable<string> | null = null
    if (byte === quote) {
      const end = stringEnd(bytes, at + 1, to)
      if (end === -1) throw new SyntaxError("a string that does not end")
      if (!isKey(bytes, end + 1, to) && end > at + 1) {
        const isLong = end - at > limits.stringBytes
        leaf = isLong ? decodeChunks(bytes, at + 1, end) : [decodeString(bytes.slice(at + 1, end))]
      }
      at = end + 1
    } else if (numeric.has(byte) && !literalBytes.has(byte)) {
      let end = at
      while (end < to && end - at < 1000 && numeric.has(bytes.at(end))) end++
      leaf = [bytes.slice(at, end).toString("latin1")]
      at = end
    } else {
      at++
      while (literalBytes.has(byte) && at < to && literalBytes.has(bytes.at(at))) at++
    }
    if (leaf === null) continue
    if (count++ > 0) text += "\n"
    if (count % leavesPerCollection === 0) Bun.gc(true)
    for (const piece of leaf) {
      text += piece
      if (text.length > 64 * KiB) {
        yield text
        text = ""
      }
    }
  }
  if (text !== "") yield text
}

function isKey(bytes: LineBytes, from: number, to: number): boolean {
  let at = from
  while (at < to && white.has(bytes.at(at))) at++
  return bytes.at(at) === colon
}

const backslash = 0x5c

/** Offset of the closing quote of the string that begins at `from`; -1 when there is none. */
export function stringEnd(bytes: LineBytes, from: number, to: number): number {
  for (let end = bytes.indexOf(quote, from, to); end !== -1; end = bytes.indexOf(quote, end + 1, to)) {
    if (backslashesBefore(bytes, end, from) % 2 === 0) return end
  }
  return -1
}

/** Decodes the bytes between a string's quotes, in chunks. Throws when they are not a valid string. */
export function* decodeChunks(bytes: LineBytes, from: number, to: number): Generator<string> {
  for (let at = from; at < to; ) {
    const end = safeCut(bytes, at, Math.min(to, at + limits.chunkBytes))
    yield decodeString(bytes.slice(at, end))
    at = end
  }
}

export function decodeString(bytes: Buffer): string {
  const text = bytes.toString("utf8")
  if (bytes.indexOf(backslash) === -1 && !/[\0-\x1f]/.test(text)) return text
  return JSON.parse(`"${text}"`) as string
}

/** The last offset up to `end` that does not split an escape or a UTF-8 character. */
export function safeCut(bytes: LineBytes, from: number, end: number): number {
  let cut = end
  while (cut > end - 3 && cut > from && (bytes.at(cut) & 0xc0) === 0x80) cut--
  for (let at = cut - 1; at >= from && at > cut - 6; at--) {
    if (bytes.at(at) !== backslash) continue
    if (backslashesBefore(bytes, at + 1, from) % 2 === 0) break
    return at + (bytes.at(at + 1) === 0x75 ? 6 : 2) > cut && at > from ? at : cut
  }
  return cut
}

function backslashesBefore(bytes: LineBytes, end: number, from: number): number {
  let at = end
  while (at > from && bytes.at(at - 1) === backslash) at--
  return end - at
}
