import { markOf, type StandIn } from "../../domain/conversation/placeholder.ts"

const blank = 0x20

/** A record's JSON without its long strings: stand-ins are in their places. */
export class Skeleton {
  #room = Buffer.allocUnsafeSlow(1 << 16)
  #used = 0
  /** Strings, commas and opening brackets. */
  values = 0

  get length(): number {
    return this.#used
  }

  byte(byte: number): void {
    this.#widen(1)
    this.#room[this.#used++] = byte
  }

  /** White space outside strings: one blank says as much as many. */
  space(): void {
    if (this.#used > 0 && this.#room[this.#used - 1] !== blank) this.byte(blank)
  }

  bytes(bytes: Buffer): void {
    this.#widen(bytes.length)
    bytes.copy(this.#room, this.#used)
    this.#used += bytes.length
  }

  standIn(head: string, is: StandIn): void {
    this.bytes(Buffer.from(JSON.stringify(head + markOf(is))))
    this.values++
  }

  cut(length: number): void {
    this.#used = length
  }

  /** Throws where it is no JSON. */
  parse(): unknown {
    return JSON.parse(this.#room.toString("utf8", 0, this.#used))
  }

  #widen(by: number): void {
    if (this.#used + by <= this.#room.length) return
    const wider = Buffer.allocUnsafeSlow(Math.max(this.#used + by, 2 * this.#room.length))
    this.#room.copy(wider, 0, 0, this.#used)
    this.#room = wider
  }
}
