import { KiB, MiB } from "../../domain/bytes.ts"
/** In how large steps a file is read, written and compared. */

/** Larger steps fall out of the processor's cache between reading and writing: 1 MiB took twice as long. */
export const chunkBytes = 256 * KiB
/** Past the kernel's memory it is the disk's answers that take long, and larger steps need fewer of them. */
export const directChunkBytes = MiB
/** From this size on a file is copied past the kernel's memory, and hashed in a thread of its own. */
export const directIoThreshold = 16 * MiB
/**
 * After so much the disk is flushed, and what was flushed before is compared. Hashing is slower than reading and goes
 * on while the next is written; a larger stretch than the ring of sums.ts would make the reading wait for it.
 */
export const flushIntervalBytes = 12 * MiB
/** So many direct steps are under way at once: the disk has two while one is being compared. */
export const maxInFlight = 3

/** At least 1, for an empty file. */
export function chunkSizeFor(length: number): number {
  return Math.max(1, Math.min(chunkBytes, length))
}

/** Memory for one step of whatever kind. */
export function bufferSizeFor(length: number): number {
  return length >= directIoThreshold ? directChunkBytes : chunkSizeFor(length)
}

/** Memory for step after step; each is used again `count` steps later. */
export function bufferRing(count: number, bytes: number): () => Uint8Array {
  return bufferRingIn(new Uint8Array(count * bytes), bytes)
}

/** The same in memory that holds a whole number of them. */
export function bufferRingIn(memory: Uint8Array, bytes: number): () => Uint8Array {
  let at = 0
  return () => {
    const room = memory.subarray(at, at + bytes)
    at = (at + bytes) % memory.length
    return room
  }
}

let only: Buffer | undefined

/** The same memory every time, for what is filled and done with before anything else can happen (no `await`). */
export function sharedBuffer(): Buffer {
  only ??= Buffer.allocUnsafeSlow(directChunkBytes)
  return only
}
