/** The thread that hashes what the copying thread has put into the ring: see checksums.ts. */
import { type RingMessage, ring } from "./checksums.ts"

declare const self: Worker

const waitMs = 50

self.onmessage = (event: MessageEvent<RingMessage>) => {
  const { memory, counters, slotBytes, withMd5 } = event.data
  const count = new Int32Array(counters)
  const sha256 = new Bun.CryptoHasher("sha256")
  const md5 = withMd5 ? new Bun.CryptoHasher("md5") : null
  for (let hashed = 0; ; ) {
    if (Atomics.load(count, ring.filled) === hashed) {
      if (Atomics.load(count, ring.over) === 1 && Atomics.load(count, ring.filled) === hashed) break
      Atomics.wait(count, ring.filled, hashed, waitMs)
      continue
    }
    const slot = hashed % ring.slots
    const part = memory.subarray(slot * slotBytes, slot * slotBytes + (count[ring.lengths + slot] as number))
    sha256.update(part)
    md5?.update(part)
    hashed++
    Atomics.store(count, ring.hashed, hashed)
    Atomics.notify(count, ring.hashed)
  }
  postMessage({ sha256: sha256.digest("hex"), md5: md5?.digest("hex") ?? null })
}
