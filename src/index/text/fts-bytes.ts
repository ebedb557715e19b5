import { KiB, MiB } from "../../domain/bytes.ts"
import { cjkTable } from "./cjk.ts"

/** No UTF-8 sequence of a CJK character starts with a lower byte. */
const minCjkLead = 0xe1
const blank = 0x20
const tagMarkByte = 0x01

let buffer = Buffer.allocUnsafeSlow(64 * KiB)

/**
 * `spaceCjkText` for a text that is already UTF-8: avoids making a string of it, which takes several times as long.
 * Returns the same bytes, or others that are valid until the next call.
 */
export function spacedBytes(written: string, bytes: Buffer): Buffer {
  const ascii = bytes.length === written.length
  const text = ascii ? bytes : composed(written, bytes)
  const marked = text.indexOf(tagMarkByte)
  const first = ascii ? -1 : firstCjk(text)
  if (marked === -1 && first === -1) return text
  const start = first === -1 ? text.length : first
  const longest = start + (5 * (text.length - start)) / 3 + 2 // three bytes become five
  if (buffer.length < longest) buffer = Buffer.allocUnsafeSlow(Math.ceil(longest * 1.5))
  text.copy(buffer, 0, 0, start)
  const end = start === text.length ? start : spaceCjk(text, start, buffer)
  if (marked !== -1) blankTagMarks(buffer, end)
  const out = buffer.subarray(0, end)
  if (buffer.length > MiB) buffer = Buffer.allocUnsafeSlow(64 * KiB)
  return out
}

function composed(written: string, bytes: Buffer): Buffer {
  const normal = written.normalize("NFC")
  return normal === written ? bytes : Buffer.from(normal)
}

function firstCjk(text: Buffer): number {
  const table = cjkTable()
  for (let at = 0; at < text.length; at++) {
    if ((text[at] as number) >= minCjkLead && table[codeAt(text, at)] === 1) return at
  }
  return -1
}

/** Returns the end of the written bytes. */
function spaceCjk(text: Buffer, from: number, into: Buffer): number {
  const table = cjkTable()
  let to = from
  for (let at = from; at < text.length; at++) {
    const byte = text[at] as number
    if (byte < minCjkLead || table[codeAt(text, at)] !== 1) {
      into[to++] = byte
      continue
    }
    into[to++] = blank
    for (const end = at + (byte >= 0xf0 ? 4 : 3); at < end; at++) into[to++] = text[at] as number
    into[to++] = blank
    at--
  }
  return to
}

/** Decodes the character that starts with this byte, of three or four bytes. */
function codeAt(text: Buffer, at: number): number {
  const byte = text[at] as number
  const rest = (((text[at + 1] as number) & 0x3f) << 6) | ((text[at + 2] as number) & 0x3f)
  if (byte < 0xf0) return ((byte & 0x0f) << 12) | rest
  return ((byte & 0x07) << 18) | (rest << 6) | ((text[at + 3] as number) & 0x3f)
}

function blankTagMarks(bytes: Buffer, end: number): void {
  for (let at = bytes.indexOf(tagMarkByte); at !== -1 && at < end; at = bytes.indexOf(tagMarkByte, at + 1)) {
    bytes[at] = blank
  }
}
