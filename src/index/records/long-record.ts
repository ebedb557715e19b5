import { limits } from "../model/limits.ts"
import { JsonOutline } from "./json-outline.ts"
import { decodeChunks, decodeString, safeCut, stringEnd, stringsIn } from "./json-strings.ts"
import type { LineBytes, LongString, ParsedRecord } from "./line-bytes.ts"

/** The text of a long string after its beginning, in chunks. */
export function restOf(bytes: LineBytes, { type, from, to }: LongString): Generator<string> {
  return type === "string" ? decodeChunks(bytes, from, to) : stringsIn(bytes, from, to)
}

/** Parses a record that is too large for JSON.parse; null when it is not a JSON object. */
export function parseLong(bytes: LineBytes, from: number, to: number): ParsedRecord | null {
  try {
    return new LongRecordParser(bytes).parse(from, to)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null
    throw error
  }
}

interface OpenContainer {
  /** Offset in the line and in the outline, and the numbers of values and strings before it. */
  readonly from: number
  readonly outlineAt: number
  readonly values: number
  readonly strings: number
}

const quote = 0x22
const comma = 0x2c
const opening = new Set([0x5b, 0x7b])
const closing = new Set([0x5d, 0x7d])
const white = new Set([0x20, 0x09, 0x0a, 0x0d])
/** Bytes that JSON can have outside strings: anything else ends parsing early. */
const jsonBytes = new Set([...Buffer.from("{}[]:,+-.0123456789Etruefalsn"), ...white])

class LongRecordParser {
  readonly #bytes: LineBytes
  readonly #outline = new JsonOutline()
  readonly #strings: LongString[] = []
  readonly #open: OpenContainer[] = []
  /** Nesting depth within the array or object that is being folded; 0: none is being folded. */
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
        if (!jsonBytes.has(byte)) return null
        if (this.#folded > 0) this.#skipByte(byte, at + 1)
        else this.#byte(byte, at)
        at++
      }
      if (!this.#isTooLarge() || this.#fold()) continue
      if (this.#open.length === 0) return null
      throw new TooManyValues()
    }
    const record = this.#outline.parse()
    return typeof record === "object" && record !== null && !Array.isArray(record)
      ? { record: record as ParsedRecord["record"], strings: this.#strings }
      : null
  }

  #byte(byte: number, from: number): void {
    const outline = this.#outline
    if (white.has(byte)) {
      outline.space()
      return
    }
    if (opening.has(byte)) {
      const { length: outlineAt, values } = outline
      this.#open.push({ from, outlineAt, values, strings: this.#strings.length })
    } else if (closing.has(byte)) this.#open.pop()
    if (byte === comma || opening.has(byte)) outline.values++
    outline.byte(byte)
  }

  #skipByte(byte: number, to: number): void {
    if (opening.has(byte)) this.#folded++
    else if (closing.has(byte)) this.#folded--
    if (this.#folded > 0) return
    const from = this.#open.pop()?.from ?? to
    this.#placeholder("leaves", "", from, to)
  }

  #string(from: number, to: number): void {
    if (to - from <= limits.stringBytes) {
      this.#outline.bytes(this.#bytes.slice(from, to))
      this.#outline.values++
      return
    }
    const cut = safeCut(this.#bytes, from + 1, from + 1 + limits.headBytes)
    const head = decodeString(this.#bytes.slice(from + 1, cut))
    this.#placeholder("string", head, cut, to - 1)
  }

  #placeholder(type: LongString["type"], head: string, from: number, to: number): void {
    let length = head.length
    let sum = 0
    let binary = isBase64(head)
    const where = { type, headLength: head.length, from, to, number: this.#strings.length }
    for (const piece of restOf(this.#bytes, { ...where, length, sum, binary })) {
      length += piece.length
      sum = Bun.hash.crc32(piece, sum)
      binary &&= isBase64(piece)
    }
    const long = { ...where, length, sum, binary }
    this.#strings.push(long)
    this.#outline.placeholder(head, long)
  }

  #isTooLarge(): boolean {
    const { length, values } = this.#outline
    return this.#folded === 0 && (length > limits.outlineBytes || values > limits.outlineValues)
  }

  /** Folds the innermost array or object with half of the excess into one text. false: only the record is left. */
  #fold(): boolean {
    const { length, values } = this.#outline
    const index = this.#open.findLastIndex(
      (each) =>
        length - each.outlineAt > limits.outlineBytes / 2 || values - each.values > limits.outlineValues / 2,
    )
    const chosen = this.#open[index]
    if (index < 1 || chosen === undefined) return false
    this.#folded = this.#open.length - index
    this.#open.length = index + 1
    this.#outline.cutTo(chosen.outlineAt)
    this.#outline.values = chosen.values
    this.#strings.length = chosen.strings
    return true
  }
}

/** A record with more values than can be parsed, even when its containers are folded. */
export class TooManyValues extends Error {
  override readonly message = "a record of too many pieces"
}

function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/=_-]*$/.test(text)
}
