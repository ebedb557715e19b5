import { isRescueError } from "../../domain/errors.ts"
import type { Progress } from "../../domain/progress.ts"
import { flushFile } from "../../system/fs/durable.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { checkpoint, checkpoints } from "../../system/runtime/yield.ts"
import { addInChunks, type Digests, startChecksums } from "./checksums.ts"
import { chunkBytes } from "./chunk-sizes.ts"
import { closeSource, openSource } from "./source-file.ts"

export interface StreamDigest extends Digests {
  readonly length: number
}

/**
 * The checksums of a stream. Reading stops as soon as it exceeds `expected` bytes, which also stops decompression
 * bombs.
 */
export async function digestStream(
  stream: AsyncIterable<Uint8Array>,
  expected: number,
  md5: boolean,
  progress: Progress,
  seen?: (bytes: Uint8Array, offset: number) => void,
): Promise<StreamDigest> {
  const sums = await startChecksums(expected, md5)
  const advance = checkpoints(progress)
  let length = 0
  try {
    for await (const bytes of stream) {
      if (length + bytes.length > expected) return { sha256: "", md5: null, length: length + bytes.length }
      seen?.(bytes, length)
      addInChunks(sums, bytes)
      length += bytes.length
      await advance(bytes.length)
    }
    return { ...(await sums.finish()), length }
  } finally {
    sums.discard()
  }
}

/** SHA-256 of the first `length` bytes of an open file, or of the whole file if it is shorter. */
export async function digestOpenFile(fd: number, length: number, progress: Progress): Promise<string> {
  await checkpoint(progress)
  const hasher = new Bun.CryptoHasher("sha256")
  const buffer = Buffer.allocUnsafe(chunkBytes)
  const advance = checkpoints(progress)
  for (let offset = 0; offset < length; ) {
    const count = readFully(fd, buffer.subarray(0, Math.min(buffer.length, length - offset)), offset)
    if (count === 0) break
    hasher.update(buffer.subarray(0, count))
    offset += count
    await advance(count)
  }
  return hasher.digest("hex")
}

/** SHA-256 of a whole file; null if it cannot be read. */
export async function digestFile(path: string, progress: Progress): Promise<string | null> {
  try {
    const source = openSource(path)
    try {
      return await digestOpenFile(source.fd, Number.POSITIVE_INFINITY, progress)
    } finally {
      closeSource(source)
    }
  } catch (error) {
    if (isRescueError(error) && error.code === "INTERRUPTED") throw error
    return null
  }
}

/** Flushes a file and evicts it from the page cache, so that the next read comes from the disk. */
export async function forgetFile(path: string): Promise<void> {
  const source = openSource(path)
  try {
    await flushFile(source.fd) // dirty pages could not be evicted
    ;(await pageCache()).forget(source.fd)
  } finally {
    closeSource(source)
  }
}

/** The same where it only matters what is on the disk, and not whether it would survive a power cut. */
export async function evictFile(path: string): Promise<void> {
  const source = openSource(path)
  try {
    await evictOpenFile(source.fd)
  } finally {
    closeSource(source)
  }
}

export async function evictOpenFile(fd: number): Promise<void> {
  const cache = await pageCache()
  if (cache.writeOutAndForget(fd)) return
  await flushFile(fd)
  cache.forget(fd)
}
