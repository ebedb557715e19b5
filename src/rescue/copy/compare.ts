import type { Progress } from "../../domain/progress.ts"
import { hasIoThread, readAsync } from "../../system/fs/async-io.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { directUnit, type PageCache, pageCache } from "../../system/native/page-cache.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import {
  chunkSizeFor,
  directChunkBytes,
  directIoThreshold,
  maxInFlight,
  sharedBuffer,
} from "../io/chunk-sizes.ts"
import type { CopyCursors } from "./copy-cursors.ts"

export interface Side {
  readonly fd: number
  /** Called when reading this side fails, to name the file at fault. */
  readonly toError: (error: unknown) => Error
}

/** Receives the bytes of `b` that matched: each part is at the beginning of the buffer taken for it. */
export interface Sink {
  nextBuffer(): Uint8Array
  add(bytes: Uint8Array): void
}

/**
 * Whether two open files agree in their first `length` bytes, both read again; a large `b` directly from the disk.
 * `sink` receives the bytes of `b` that matched. `b` may still be in the process of being written: it is read only up
 * to what `trail` reports as flushed.
 */
export async function compareBytes(
  a: Side,
  b: Side,
  length: number,
  progress: Progress,
  sink: Sink,
  trail?: CopyCursors,
): Promise<boolean> {
  const advance = checkpoints(progress)
  const direct = length >= directIoThreshold && a.fd !== b.fd && (await hasIoThread())
  const cache = direct ? await pageCache() : null
  const parts = cache?.bypass(b.fd, "on")
    ? readAhead(b, length, sink.nextBuffer, cache, trail)
    : readSequentially(b, length, sink.nextBuffer, trail)
  let offset = 0
  for await (const other of parts) {
    const one = sharedBuffer().subarray(0, other.length)
    if (readSide(a, one, offset) !== one.length) return false // safety: short-read
    if (!one.equals(other)) return false // safety: byte-compare
    sink.add(other)
    offset += one.length
    trail?.compared(offset)
    await advance(one.length)
  }
  return offset === length // safety: compared-all
}

async function* readSequentially(
  side: Side,
  length: number,
  buffer: () => Uint8Array,
  trail: CopyCursors | undefined,
): AsyncGenerator<Uint8Array> {
  const size = chunkSizeFor(length)
  for (let offset = 0; offset < length; offset += size) {
    const end = Math.min(offset + size, length)
    if (trail && !(await trail.untilFlushed(end))) return
    const part = buffer().subarray(0, end - offset)
    const count = readSide(side, part, offset)
    yield part.subarray(0, count)
    if (count < part.length) return
  }
}

interface Pending {
  readonly part: Uint8Array
  readonly result: Promise<number | NodeJS.ErrnoException>
}

/** Direct I/O; reads the next parts while this one is being compared. */
async function* readAhead(
  side: Side,
  length: number,
  buffer: () => Uint8Array,
  cache: PageCache,
  trail: CopyCursors | undefined,
): AsyncGenerator<Uint8Array> {
  const pending: Pending[] = []
  const begin = (offset: number) => {
    const wanted = Math.min(directChunkBytes, length - offset)
    const whole = buffer().subarray(0, Math.ceil(wanted / directUnit) * directUnit) // a short read at the file's end
    const result = readAsync(side.fd, whole, offset).catch((error) => error)
    pending.push({ part: whole.subarray(0, wanted), result })
  }
  try {
    let begun = 0
    for (let offset = 0; offset < length; offset += directChunkBytes) {
      for (; begun < length && pending.length < maxInFlight; begun += directChunkBytes) {
        const there = trail?.untilFlushed(Math.min(begun + directChunkBytes, length)) ?? true
        if (there !== true && pending.length > 0) break // yield first: the writer waits for the comparison
        if (!(await there)) return
        begin(begun)
      }
      const { part, result } = pending[0] as Pending
      const count = await result
      pending.shift()
      if (typeof count !== "number" && count.code !== "EINVAL") throw side.toError(count)
      // safety: direct-short-read
      if (typeof count === "number" && count >= part.length) yield part
      else {
        cache.bypass(side.fd, "off") // direct I/O is not supported here, or the read was short
        const all = readSide(side, part, offset)
        cache.bypass(side.fd, "on")
        yield part.subarray(0, all)
        if (all < part.length) return
      }
    }
  } finally {
    await Promise.all(pending.map(({ result }) => result)) // the caller may close the file after this
    cache.bypass(side.fd, "off")
  }
}

function readSide(side: Side, buffer: Uint8Array, offset: number): number {
  try {
    return readFully(side.fd, buffer, offset)
  } catch (error) {
    throw side.toError(error)
  }
}
