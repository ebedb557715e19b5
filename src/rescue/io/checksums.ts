import { allocateHugePages } from "../../system/native/huge-pages.ts"
import { collectGarbage } from "../../system/runtime/gc.ts"
import { bufferRing, bufferSizeFor, directIoThreshold, maxInFlight } from "./chunk-sizes.ts"

/** Checksums of a stream of bytes. */
export interface Checksums {
  /** Memory for the next part. Several may be taken ahead; blocks until one is free. */
  nextBuffer(): Uint8Array
  /** Adds the next part; it must be at the beginning of the buffer that was taken for it. */
  add(bytes: Uint8Array): void
  finish(): Promise<Digests>
  /** Cancels; harmless after `finish`. */
  discard(): void
}

export interface Digests {
  readonly sha256: string
  readonly md5: string | null
}

export async function startChecksums(length: number, withMd5: boolean): Promise<Checksums> {
  const bytes = bufferSizeFor(length)
  if (length < directIoThreshold) {
    let ring: (() => Uint8Array) | undefined
    const nextBuffer = () => {
      ring ??= bufferRing(1, bytes) // who only adds needs none
      return ring()
    }
    return hashInline(nextBuffer, withMd5)
  }
  try {
    return await hashInThread(bytes, withMd5) // hashing is slowest: run it in parallel
  } catch {
    // no thread available (`ulimit -u`): hash inline, slower but equivalent, and still with read-ahead
    return hashInline(bufferRing(maxInFlight + 1, bytes), withMd5)
  }
}

/** Adds bytes from any memory, copied in as many parts as needed. */
export function addInChunks(sums: Checksums, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    const nextBuffer = sums.nextBuffer()
    const part = bytes.subarray(at, at + nextBuffer.length)
    nextBuffer.set(part)
    sums.add(nextBuffer.subarray(0, part.length))
    at += part.length
  }
}

function hashInline(nextBuffer: () => Uint8Array, withMd5: boolean): Checksums {
  const sha256 = new Bun.CryptoHasher("sha256")
  const md5 = withMd5 ? new Bun.CryptoHasher("md5") : null
  return {
    nextBuffer,
    add(bytes) {
      sha256.update(bytes)
      md5?.update(bytes)
    },
    finish: async () => ({ sha256: sha256.digest("hex"), md5: md5?.digest("hex") ?? null }),
    discard() {},
  }
}

/** Layout of the counters the two threads share: parts filled and hashed, the end flag, and the part lengths. */
export const ring = { slots: 10, filled: 0, hashed: 1, over: 2, lengths: 4 } as const

export interface RingMessage {
  readonly memory: Uint8Array<SharedArrayBuffer>
  readonly counters: SharedArrayBuffer
  readonly slotBytes: number
  readonly withMd5: boolean
}

/**
 * The wait for the other thread is `maxTimeouts` waits of `waitMs` milliseconds: a single long wait would also count
 * the time in which the process was suspended (Ctrl-Z, a closed laptop).
 */
const maxTimeouts = 120
const waitMs = 250

async function hashInThread(slotBytes: number, withMd5: boolean): Promise<Checksums> {
  collectGarbage() // reading transcript tails may have left as much garbage as is allocated here
  const memory = await allocateHugePages(ring.slots * slotBytes)
  const counters = new SharedArrayBuffer(4 * (ring.lengths + ring.slots))
  const count = new Int32Array(counters)
  const worker = new Worker(new URL("./hash-worker.ts", import.meta.url).href)
  const answer = new Promise<Digests>((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data as Digests)
    worker.onerror = (event) => reject(new Error(`the hashing thread failed: ${event.message}`))
  })
  answer.catch(() => {}) // a rejection surfaces in `finish`, if it is called
  worker.postMessage({ memory, counters, slotBytes, withMd5 } satisfies RingMessage)
  let taken = 0
  let filled = 0
  return {
    nextBuffer() {
      let hashed = Atomics.load(count, ring.hashed)
      // safety: hash-buffer-free
      for (let late = 0; taken - hashed >= ring.slots; hashed = Atomics.load(count, ring.hashed)) {
        if (Atomics.wait(count, ring.hashed, hashed, waitMs) === "timed-out") late++
        if (late > maxTimeouts) throw new Error("hashing makes no progress")
      }
      const at = (taken++ % ring.slots) * slotBytes
      return memory.subarray(at, at + slotBytes)
    },
    add(part) {
      const slot = filled % ring.slots
      // safety: hash-right-bytes
      if (part.buffer !== memory.buffer || part.byteOffset !== memory.byteOffset + slot * slotBytes)
        throw new Error("hashing the wrong bytes")
      count[ring.lengths + slot] = part.length
      filled++
      Atomics.store(count, ring.filled, filled)
      Atomics.notify(count, ring.filled)
    },
    async finish() {
      Atomics.store(count, ring.over, 1)
      Atomics.notify(count, ring.filled)
      try {
        return await answer
      } finally {
        worker.terminate()
      }
    },
    discard: () => worker.terminate(),
  }
}
