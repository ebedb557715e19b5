import { measures } from "../model/limits.ts"
import type { LineBytes } from "./line-bytes.ts"

const quote = 0x22
const backslash = 0x5c

/** Where the string ends whose first byte is there: its closing quote; -1 when it does not. */
export function stringEnd(bytes: LineBytes, from: number, to: number): number {
  for (let end = bytes.indexOf(quote, from, to); end !== -1; end = bytes.indexOf(quote, end + 1, to)) {
    if (backslashesBefore(bytes, end, from) % 2 === 0) return end
  }
  return -1
}

/** A string's text, piece by piece, from the bytes between its quotes. Throws where they are none of a string. */
export function* decoded(bytes: LineBytes, from: number, to: number): Generator<string> {
  for (let at = from; at < to; ) {
    const end = safeCut(bytes, at, Math.min(to, at + measures.piece))
    yield decode(bytes.slice(at, end))
    at = end
  }
}

export function decode(bytes: Buffer): string {
  const text = bytes.toString("utf8")
  if (bytes.indexOf(backslash) === -1 && !/[\0-\x1f]/.test(text)) return text
  return JSON.parse(`"${text}"`) as string
}

/** The last place up to `end` that is within no escape and no sign of several bytes. */
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
