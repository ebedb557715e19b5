import { MiB } from "../../domain/bytes.ts"
import type { Progress } from "../../domain/progress.ts"
import { flushAsync, hasIoThread, writeAsync } from "../../system/fs/async-io.ts"
import { writeAll } from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { allocateHugePages } from "../../system/native/huge-pages.ts"
import { directUnit, type PageCache, pageCache } from "../../system/native/page-cache.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import {
  bufferRingIn,
  chunkSizeFor,
  directChunkBytes,
  directIoThreshold,
  flushIntervalBytes,
  maxInFlight,
  sharedBuffer,
} from "../io/chunk-sizes.ts"
import { toSourceError } from "../io/source-errors.ts"
import type { SourceFile } from "../io/source-file.ts"

/** Bytes after which writeback is started, while the rest is still being copied. */
const writebackBytes = 8 * MiB

/**
 * Writes the first `length` bytes of a file into an empty one, in parts and never past them; false when the file
 * ended earlier. A large file is written with direct I/O where available, while the next part is read; `follow` is
 * then called at intervals with the number of bytes on the disk. The caller flushes the rest. `add` receives the bytes
 * that were read.
 */
export async function transfer(
  source: SourceFile,
  fd: number,
  target: string,
  progress: Progress,
  follow: (end: number) => Promise<void>,
  add: (bytes: Uint8Array) => void = () => {},
): Promise<boolean> {
  const cache = await pageCache()
  const direct = source.length >= directIoThreshold && (await hasIoThread()) && cache.bypass(fd, "on")
  const writer = direct ? directWriter(fd, cache, follow) : plainWriter(fd, cache)
  const step = direct ? directChunkBytes : chunkSizeFor(source.length)
  const buffer = direct ? bufferRingIn(await allocateHugePages((maxInFlight + 1) * step), step) : sharedBuffer
  const advance = checkpoints(progress)
  try {
    // safety: length-bound
    for (let offset = 0; offset < source.length; ) {
      const part = buffer().subarray(0, Math.min(step, source.length - offset))
      const count = readPart(source, part, offset)
      if (count === 0) return false
      add(part.subarray(0, count))
      await writer.put(part.subarray(0, count), offset)
      offset += count
      await advance(count)
    }
    await writer.end()
    return true
  } catch (error) {
    throw toWriteError(error, target)
  } finally {
    await writer.settled() // the caller closes the file after this, and its descriptor may be reused
  }
}

function readPart(source: SourceFile, buffer: Uint8Array, offset: number): number {
  try {
    return readFully(source.fd, buffer, offset)
  } catch (error) {
    throw toSourceError(error, source.path)
  }
}

interface Writer {
  /** Takes a part; its memory may be reused after `maxInFlight` more parts have been taken. */
  put(part: Uint8Array, offset: number): Promise<void>
  end(): Promise<void>
  settled(): Promise<unknown>
}

function plainWriter(fd: number, cache: PageCache): Writer {
  let begun = 0
  return {
    async put(part, offset) {
      writeAll(fd, part, offset)
      const written = offset + part.length
      if (written - begun < writebackBytes) return
      cache.startWriting(fd, begun, written - begun)
      begun = written
    },
    async end() {},
    async settled() {},
  }
}

interface Pending {
  readonly part: Uint8Array
  readonly offset: number
  readonly result: Promise<number | NodeJS.ErrnoException>
}

function directWriter(fd: number, cache: PageCache, follow: (end: number) => Promise<void>): Writer {
  const pending: Pending[] = []
  const flusher = flushInIntervals(fd, follow)
  async function finishOldest(): Promise<void> {
    const oldest = pending[0]
    if (oldest === undefined) return
    const { part, offset, result } = oldest
    const count = await result
    pending.shift()
    if (count === part.length) return // safety: direct-write-on
    if (typeof count !== "number" && count.code !== "EINVAL") throw count
    // what is written from here on would be compared from the page cache
    flusher.stop() // safety: stretch-left-off
    cache.bypass(fd, "off") // no direct I/O here, or a short write: write the whole part again
    writeAll(fd, part, offset)
  }
  async function finishAll(): Promise<void> {
    while (pending.length > 0) await finishOldest()
  }
  return {
    async put(part: Uint8Array, offset: number) {
      if (part.length % directUnit !== 0) {
        await finishAll()
        cache.bypass(fd, "off")
        writeAll(fd, part, offset)
        cache.bypass(fd, "on") // for the reader that follows
        return
      }
      if (offset > 0 && offset % flushIntervalBytes === 0) {
        await finishAll() // safety: stretch-written
        await flusher.flush(offset)
      }
      if (pending.length >= maxInFlight) await finishOldest()
      pending.push({ part, offset, result: writeAsync(fd, part, offset).catch((error) => error) })
    },
    end: finishAll,
    settled: () => Promise.all([...pending.map(({ result }) => result), flusher.settled()]),
  }
}

/** Flushes a file while it is being written. */
interface Flusher {
  /** All bytes up to `end` have been written. Resolves once they are flushed and the previous range is compared. */
  flush(end: number): Promise<void>
  stop(): void
  settled(): Promise<unknown>
}

/**
 * `follow` receives how much is on the disk, and resolves when that much has been compared. Writing and reading
 * alternate: a disk does each faster without the other. Hashing continues during both.
 */
function flushInIntervals(fd: number, follow: (end: number) => Promise<void>): Flusher {
  let flushed = 0
  let off = false
  let flushing = Promise.resolve()
  return {
    async flush(end) {
      if (off) return
      // safety: stretch-flush
      flushing = flushAsync(fd)
      flushing.catch(() => {}) // a rejection surfaces at the await below
      if (flushed > 0) await follow(flushed) // read while the flush is in progress
      await flushing // safety: stretch-flush-failed
      flushed = end
    },
    stop() {
      off = true
    },
    settled: () => flushing.catch(() => {}),
  }
}
