import { KiB, MiB } from "../../domain/bytes.ts"
/** Sizes in which a file is read, written and compared. */

/** Larger chunks do not stay in the CPU cache between reading and writing: 1 MiB took twice as long. */
export const chunkBytes = 256 * KiB
/** For direct I/O, the latency of each request dominates; larger chunks need fewer requests. */
export const directChunkBytes = MiB
/** From this size on, a file is copied with direct I/O and hashed in a separate thread. */
export const directIoThreshold = 16 * MiB
/**
 * Bytes between flushes; during each flush, the previously flushed range is compared. Hashing is slower than reading
 * and continues during the next write; a range larger than the ring of checksums.ts would make reading wait for hashing.
 */
export const flushIntervalBytes = 12 * MiB
/** Direct requests in flight: two on the disk while one is compared. */
export const maxInFlight = 3

/** At least 1, for an empty file. */
export function chunkSizeFor(length: number): number {
  return Math.max(1, Math.min(chunkBytes, length))
}

/** Buffer size for a file of this length, buffered or direct. */
export function bufferSizeFor(length: number): number {
  return length >= directIoThreshold ? directChunkBytes : chunkSizeFor(length)
}

/** Returns one buffer after another; each is reused `count` calls later. */
export function bufferRing(count: number, bytes: number): () => Uint8Array {
  return bufferRingIn(new Uint8Array(count * bytes), bytes)
}

/** The same in existing memory, whose size is a multiple of `bytes`. */
export function bufferRingIn(memory: Uint8Array, bytes: number): () => Uint8Array {
  let at = 0
  return () => {
    const buffer = memory.subarray(at, at + bytes)
    at = (at + bytes) % memory.length
    return buffer
  }
}

let only: Buffer | undefined

/** Shared buffer. Only for code that does not `await` between filling and using it. */
export function sharedBuffer(): Buffer {
  only ??= Buffer.allocUnsafeSlow(directChunkBytes)
  return only
}
