import type { Progress } from "../../domain/progress.ts"
import { flushFile } from "../../system/fs/durable.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { addInChunks, type Digests, startChecksums } from "./checksums.ts"
import { closeSource, openSource } from "./source-file.ts"

export interface StreamDigest extends Digests {
  readonly length: number
}

/**
 * The checksums of what a stream delivers. It is left off as soon as more comes than `expected`: what was packed to
 * unfold without end stops here.
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

/** Lets the kernel forget a file, so that what is read next comes from the disk. */
export async function forgetFile(path: string): Promise<void> {
  const source = openSource(path)
  try {
    await flushFile(source.fd) // what is not yet on the disk could not be forgotten
    ;(await pageCache()).forget(source.fd)
  } finally {
    closeSource(source)
  }
}
