import { limits } from "../model/limits.ts"
import { parseObject } from "./json-object.ts"
import type { LineBytes, ParsedRecord } from "./line-bytes.ts"
import { parseLong } from "./long-record.ts"

/** A line in memory. */
export class MemoryLine implements LineBytes {
  readonly length: number
  readonly #bytes: Buffer

  constructor(bytes: Buffer) {
    this.length = bytes.length
    this.#bytes = bytes
  }

  at(index: number): number {
    return this.#bytes[index] ?? -1
  }

  indexOf(byte: number, from: number, to = this.length): number {
    const found = this.#bytes.subarray(from, to).indexOf(byte) // do not scan past `to`
    return found === -1 ? -1 : from + found
  }

  lastIndexOf(byte: number): number {
    return this.#bytes.lastIndexOf(byte)
  }

  slice(from: number, to: number): Buffer {
    return this.#bytes.subarray(from, to)
  }

  parse(from: number, to: number): ParsedRecord | null {
    const record = parseObject(this.#bytes, from, to)
    return record === null ? null : { record, strings: null }
  }
}

/** Where a line is kept that is too long for memory: a scratch file. */
export interface LineStore {
  readonly length: number
  add(bytes: Uint8Array): void
  /** Fills `buffer` with the bytes from `from` on. */
  read(from: number, buffer: Uint8Array): void
  close(): void
}

/** A line in a scratch file, read through a window of `chunkBytes`. */
export class ScratchLine implements LineBytes {
  readonly length: number
  readonly #file: LineStore
  #window = Buffer.allocUnsafeSlow(limits.chunkBytes)
  #from = 0
  #windowLength = 0

  constructor(file: LineStore, length: number) {
    this.#file = file
    this.length = length
  }

  until(end: number): ScratchLine {
    return new ScratchLine(this.#file, end)
  }

  at(index: number): number {
    if (index < this.#from || index >= this.#from + this.#windowLength) {
      if (index < 0 || index >= this.length) return -1
      // backward scans continue backward
      this.#load(index < this.#from ? Math.max(0, index + 1 - limits.chunkBytes) : index)
    }
    return this.#window[index - this.#from] as number
  }

  indexOf(byte: number, from: number, to = this.length): number {
    for (let at = from; at < to; at = this.#from + this.#windowLength) {
      if (this.at(at) === byte) return at
      const found = this.#window
        .subarray(at - this.#from, Math.min(this.#windowLength, to - this.#from))
        .indexOf(byte)
      if (found !== -1) return at + found
    }
    return -1
  }

  lastIndexOf(byte: number): number {
    for (let end = this.length; end > 0; end = this.#from) {
      this.#load(Math.max(0, end - limits.chunkBytes))
      const found = this.#window.subarray(0, end - this.#from).lastIndexOf(byte)
      if (found !== -1) return this.#from + found
    }
    return -1
  }

  slice(from: number, to: number): Buffer {
    if (from < this.#from || to > this.#from + this.#windowLength) {
      if (to - from > this.#window.length) {
        const bytes = Buffer.allocUnsafeSlow(to - from)
        this.#file.read(from, bytes)
        return bytes
      }
      this.#load(from)
    }
    return this.#window.subarray(from - this.#from, to - this.#from)
  }

  parse(from: number, to: number): ParsedRecord | null {
    if (to - from > limits.lineBytes) return parseLong(this, from, to)
    const record = parseObject(this.slice(from, to), 0, to - from)
    return record === null ? null : { record, strings: null }
  }

  #load(from: number): void {
    this.#from = from
    this.#windowLength = Math.min(limits.chunkBytes, this.length - from)
    this.#file.read(from, this.#window.subarray(0, this.#windowLength))
  }
}
