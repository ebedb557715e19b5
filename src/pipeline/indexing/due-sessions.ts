import { deserialize, serialize } from "bun:jsc"
import { KiB } from "../../domain/bytes.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { ScratchFile } from "../../system/fs/scratch-file.ts"

const bufferBytes = 256 * KiB

/**
 * Queue of sessions to read. A few are kept in memory; when there are many they go to a scratch file, and only their
 * positions in it are kept.
 */
export class DueSessions {
  readonly #nextTo: string
  #file: ScratchFile | null = null
  readonly #buffer = Buffer.allocUnsafe(bufferBytes)
  #used = 0
  #count = 0
  /**
   * Time of the last write to each session, in milliseconds since 1970, and the end offset of its entry in the file.
   */
  #times = new Float64Array(64)
  #ends = new Float64Array(64)

  /** `beside`: the scratch file is created next to this file. */
  constructor(beside: string) {
    this.#nextTo = beside
  }

  add(session: FoundSession, at: number): void {
    const bytes = serialize(session, { binaryType: "nodebuffer" })
    if (this.#used + bytes.length > bufferBytes) this.#spill()
    if (bytes.length > bufferBytes) this.#scratch.add(bytes)
    else this.#used += bytes.copy(this.#buffer, this.#used)
    if (this.#count === this.#times.length) {
      this.#times = doubled(this.#times)
      this.#ends = doubled(this.#ends)
    }
    this.#times[this.#count] = at
    this.#ends[this.#count] = (this.#file?.length ?? 0) + this.#used
    this.#count++
  }

  *oldestFirst(): Generator<FoundSession> {
    const times = this.#times
    const order = new Uint32Array(this.#count).map((_, index) => index)
    order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b)
    for (const index of order) {
      const from = index === 0 ? 0 : (this.#ends[index - 1] ?? 0)
      yield deserialize(this.#read(from, this.#ends[index] ?? 0)) as FoundSession
    }
  }

  close(): void {
    this.#file?.close()
    this.#file = null
  }

  get #scratch(): ScratchFile {
    this.#file ??= new ScratchFile(this.#nextTo)
    return this.#file
  }

  #spill(): void {
    this.#scratch.add(this.#buffer.subarray(0, this.#used))
    this.#used = 0
  }

  #read(from: number, to: number): Buffer {
    const written = this.#file?.length ?? 0
    if (from >= written) return Buffer.from(this.#buffer.subarray(from - written, to - written))
    const bytes = Buffer.allocUnsafeSlow(to - from)
    this.#file?.read(from, bytes)
    return bytes
  }
}

function doubled(numbers: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const wider = new Float64Array(numbers.length * 2)
  wider.set(numbers)
  return wider
}
