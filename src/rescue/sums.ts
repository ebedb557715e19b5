/** Checksums of a stream of bytes. */
export interface Sums {
  /** At most `stepBytes` at a time; they are done with when it comes back. */
  add(bytes: Uint8Array): void
  finish(): Promise<Digests>
  /** Gives up; harmless after `finish`. */
  discard(): void
}

export interface Digests {
  readonly sha256: string
  readonly md5: string | null
}

/** Larger steps fall out of the processor's cache between reading and writing: 1 MiB took twice as long. */
export const stepBytes = 256 << 10

/** Hashing is what takes longest: above this size it runs beside the comparing, in a thread of its own. */
const worthAThread = 16 << 20

export function startSums(length: number, withMd5: boolean): Sums {
  if (length < worthAThread) return inlineSums(withMd5)
  try {
    return threadedSums(withMd5)
  } catch {
    return inlineSums(withMd5) // no further thread to be had (ulimit -u): slower, and as good
  }
}

function inlineSums(withMd5: boolean): Sums {
  const sha256 = new Bun.CryptoHasher("sha256")
  const md5 = withMd5 ? new Bun.CryptoHasher("md5") : null
  return {
    add(bytes) {
      sha256.update(bytes)
      md5?.update(bytes)
    },
    finish: async () => ({ sha256: sha256.digest("hex"), md5: md5?.digest("hex") ?? null }),
    discard() {},
  }
}

/** The ring the two threads share: who has come how far, and whether it is over. */
export const ring = { slots: 32, filled: 0, hashed: 1, over: 2, lengths: 4 } as const

export interface RingMessage {
  readonly bytes: SharedArrayBuffer
  readonly counters: SharedArrayBuffer
  readonly withMd5: boolean
}

/**
 * How long to wait for the other thread, in turns of `turn` milliseconds: in one long wait the time that a
 * suspended process (Ctrl-Z, a closed laptop) did not run would count as well.
 */
const patience = 120
const turn = 250

function threadedSums(withMd5: boolean): Sums {
  const bytes = new SharedArrayBuffer(ring.slots * stepBytes)
  const counters = new SharedArrayBuffer(4 * (ring.lengths + ring.slots))
  const count = new Int32Array(counters)
  const worker = new Worker(new URL("./hash-worker.ts", import.meta.url).href)
  const answer = new Promise<Digests>((resolve, reject) => {
    worker.onmessage = (event) => resolve(event.data as Digests)
    worker.onerror = (event) => reject(new Error(`the hashing thread failed: ${event.message}`))
  })
  answer.catch(() => {}) // heard by `finish`, if it comes to that
  worker.postMessage({ bytes, counters, withMd5 } satisfies RingMessage)
  let filled = 0
  return {
    add(part) {
      let hashed = Atomics.load(count, ring.hashed)
      for (let late = 0; filled - hashed >= ring.slots; hashed = Atomics.load(count, ring.hashed)) {
        if (Atomics.wait(count, ring.hashed, hashed, turn) === "timed-out") late++
        if (late > patience) throw new Error("hashing stands still")
      }
      const slot = filled % ring.slots
      new Uint8Array(bytes, slot * stepBytes, stepBytes).set(part)
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
