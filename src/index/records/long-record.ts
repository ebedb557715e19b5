import { measures } from "../model/limits.ts"
import { decode, decoded, leavesIn, safeCut, stringEnd } from "./leaves.ts"
import type { LineBytes, LongString, ParsedRecord } from "./line-bytes.ts"
import { Skeleton } from "./skeleton.ts"

/** Its text behind the beginning, piece by piece. */
export function restOf(bytes: LineBytes, { is, from, to }: LongString): Generator<string> {
  return is === "string" ? decoded(bytes, from, to) : leavesIn(bytes, from, to)
}

/** Parses a record that is too large to be parsed as a whole; null when it is no JSON object. */
export function parseLong(bytes: LineBytes, from: number, to: number): ParsedRecord | null {
  try {
    return new LongRecord(bytes).parse(from, to)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null
    throw error
  }
}

interface Opened {
  /** Where it begins, in the line and in the skeleton; and how much there was before it. */
  readonly from: number
  readonly at: number
  readonly values: number
  readonly strings: number
}

const quote = 0x22
const comma = 0x2c
const opening = new Set([0x5b, 0x7b])
const closing = new Set([0x5d, 0x7d])
const white = new Set([0x20, 0x09, 0x0a, 0x0d])
/** Of what no JSON has outside strings there may be too much to be looked at as a whole. */
const possible = new Set([...Buffer.from("{}[]:,+-.0123456789Etruefalsn"), ...white])

class LongRecord {
  readonly #bytes: LineBytes
  readonly #skeleton = new Skeleton()
  readonly #strings: LongString[] = []
  readonly #open: Opened[] = []
  /** Since an array or object is left out: how many brackets are open in it. */
  #folded = 0

  constructor(bytes: LineBytes) {
    this.#bytes = bytes
  }

  parse(from: number, to: number): ParsedRecord | null {
    for (let at = from; at < to; ) {
      const byte = this.#bytes.at(at)
      if (byte === quote) {
        const end = stringEnd(this.#bytes, at + 1, to)
        if (end === -1) return null
        if (this.#folded === 0) this.#string(at, end + 1)
        at = end + 1
      } else {
        if (!possible.has(byte)) return null
        if (this.#folded > 0) this.#passes(byte, at + 1)
        else this.#sign(byte, at)
        at++
      }
      if (!this.#isTooLarge() || this.#fold()) continue
      if (this.#open.length === 0) return null
      throw new TooManyPieces()
    }
    const record = this.#skeleton.parse()
    return typeof record === "object" && record !== null && !Array.isArray(record)
      ? { record: record as ParsedRecord["record"], strings: this.#strings }
      : null
  }

  #sign(byte: number, from: number): void {
    const skeleton = this.#skeleton
    if (white.has(byte)) {
      skeleton.space()
      return
    }
    if (opening.has(byte)) {
      const { length: at, values } = skeleton
      this.#open.push({ from, at, values, strings: this.#strings.length })
    } else if (closing.has(byte)) this.#open.pop()
    if (byte === comma || opening.has(byte)) skeleton.values++
    skeleton.byte(byte)
  }

  #passes(byte: number, to: number): void {
    if (opening.has(byte)) this.#folded++
    else if (closing.has(byte)) this.#folded--
    if (this.#folded > 0) return
    const from = this.#open.pop()?.from ?? to
    this.#standIn("leaves", "", from, to)
  }

  #string(from: number, to: number): void {
    if (to - from <= measures.string) {
      this.#skeleton.bytes(this.#bytes.slice(from, to))
      this.#skeleton.values++
      return
    }
    const cut = safeCut(this.#bytes, from + 1, from + 1 + measures.head)
    const head = decode(this.#bytes.slice(from + 1, cut))
    this.#standIn("string", head, cut, to - 1)
  }

  #standIn(is: LongString["is"], head: string, from: number, to: number): void {
    let length = head.length
    let sum = 0
    let binary = isBase64(head)
    const where = { is, head: head.length, from, to, number: this.#strings.length }
    for (const piece of restOf(this.#bytes, { ...where, length, sum, binary })) {
      length += piece.length
      sum = Bun.hash.crc32(piece, sum)
      binary &&= isBase64(piece)
    }
    const long = { ...where, length, sum, binary }
    this.#strings.push(long)
    this.#skeleton.standIn(head, long)
  }

  #isTooLarge(): boolean {
    const { length, values } = this.#skeleton
    return this.#folded === 0 && (length > measures.skeleton || values > measures.values)
  }

  /** The innermost array or object that has half of what is too much becomes one text. false: that is all of it. */
  #fold(): boolean {
    const { length, values } = this.#skeleton
    const index = this.#open.findLastIndex(
      (each) => length - each.at > measures.skeleton / 2 || values - each.values > measures.values / 2,
    )
    const chosen = this.#open[index]
    if (index < 1 || chosen === undefined) return false
    this.#folded = this.#open.length - index
    this.#open.length = index + 1
    this.#skeleton.cut(chosen.at)
    this.#skeleton.values = chosen.values
    this.#strings.length = chosen.strings
    return true
  }
}

/** A record of so many small pieces, side by side, that it cannot be told what it says. */
export class TooManyPieces extends Error {
  override readonly message = "a record of too many pieces"
}

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/=_-]*$/.test(text)
}
