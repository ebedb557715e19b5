import { limits } from "../model/limits.ts"
import type { LineBytes } from "../records/line-bytes.ts"

/**
 * A 53-bit hash of a text, made of two mixed sums of 32 and 21 bits. The probability of a collision among a million
 * records of one session is 1 in 18,000.
 */
export function hash53(text: string, seed = 0): number {
  let low = 0x811c9dc5 ^ seed
  let high = 0x9e3779b9 ^ seed
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ code, 0x85ebca6b)
    high ^= high >>> 13
  }
  low = Math.imul(low ^ (low >>> 15), 0x2c1b3c6d)
  high = Math.imul(high ^ (high >>> 16), 0x297a2d39) ^ (high >>> 15)
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}

/** 53-bit checksum of bytes; fast enough for a few KB at both ends of a file. */
export function checksum(bytes: Uint8Array): number {
  return Bun.hash.crc32(bytes) + bytes.length * 2 ** 32
}

/** The same for a range of a line. */
export function checksumRange(bytes: LineBytes, from: number, to: number): number {
  let sum = 0
  for (let at = from; at < to; at += limits.chunkBytes) {
    sum = Bun.hash.crc32(bytes.slice(at, Math.min(to, at + limits.chunkBytes)), sum)
  }
  return sum + (to - from) * 2 ** 32
}
