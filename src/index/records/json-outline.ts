import { KiB } from "../../domain/bytes.ts"
import { markOf, type Placeholder } from "../../domain/conversation/placeholder.ts"

const blank = 0x20

/** A record's JSON with placeholders instead of its long strings. */
export class JsonOutline {
  #buffer = Buffer.allocUnsafeSlow(64 * KiB)
  #used = 0
  /** Strings, commas and opening brackets. */
  values = 0

  get length(): number {
    return this.#used
  }

  byte(byte: number): void {
    this.#grow(1)
    this.#buffer[this.#used++] = byte
  }

  /** Collapses white space outside strings. */
  space(): void {
    if (this.#used > 0 && this.#buffer[this.#used - 1] !== blank) this.byte(blank)
  }

  bytes(bytes: Buffer): void {
    this.#grow(bytes.length)
    bytes.copy(this.#buffer, this.#used)
    this.#used += bytes.length
  }

  placeholder(head: string, placeholder: Placeholder): void {
    this.bytes(Buffer.from(JSON.stringify(head + markOf(placeholder))))
    this.values++
  }

  cutTo(length: number): void {
    this.#used = length
  }

  /** Throws when the outline is not valid JSON. */
  parse(): unknown {
    return JSON.parse(this.#buffer.toString("utf8", 0, this.#used))
  }

  #grow(by: number): void {
    if (this.#used + by <= this.#buffer.length) return
    const wider = Buffer.allocUnsafeSlow(Math.max(this.#used + by, 2 * this.#buffer.length))
    this.#buffer.copy(wider, 0, 0, this.#used)
    this.#buffer = wider
  }
}
