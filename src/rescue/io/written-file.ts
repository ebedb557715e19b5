import { RescueError } from "../../domain/errors.ts"
import { closeFile, createFile, discard, writeAll } from "../../system/fs/durable.ts"
import { withWriteErrors } from "../../system/fs/io-errors.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { pageCache } from "../../system/native/page-cache.ts"

/** A small file that is written but not flushed: it stays open until the flush that it shares with others. */
export interface WrittenFile {
  readonly path: string
  readonly fd: number
  readonly bytes: Buffer
}

/** Creates the file or replaces one in the same staging. */
export function writeUnflushed(path: string, bytes: Buffer): WrittenFile {
  return withWriteErrors(path, () => {
    discard(path)
    const fd = createFile(path)
    try {
      writeAll(fd, bytes, 0)
      return { path, fd, bytes }
    } catch (error) {
      closeFile(fd)
      throw error
    }
  })
}

/** After the flush: throws unless the disk holds what was written. */
export async function readBack({ path, fd, bytes }: WrittenFile): Promise<void> {
  const cache = await pageCache()
  cache.forget(fd) // safety: written-forget
  const found = Buffer.alloc(bytes.length)
  // safety: written-read-back
  if (withWriteErrors(path, () => readFully(fd, found, 0)) !== bytes.length || !found.equals(bytes)) {
    throw new RescueError("COPY_MISMATCH", `${path} does not contain what was written to it`, "try again")
  }
}
