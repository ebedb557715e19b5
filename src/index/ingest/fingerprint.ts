import type { KnownSource } from "../model/known-source.ts"
import type { IndexSource } from "../model/source.ts"
import { checksum } from "../store/hashing.ts"

/** How many bytes at a file's beginning, and before the place where reading stopped, tell it from another. */
const edgeLength = 4096

/** Whether a file still begins with what was read of it. */
export async function continues(known: KnownSource, source: IndexSource): Promise<boolean> {
  if (known.file !== source.file || source.size < known.readTo) return false
  const { head, seam } = await readEdges(source, known.readTo)
  return head === known.headSum && seam === known.tailSum
}

/** The same for what has just been read: when it cannot be read again, it is read as a whole the next time. */
export async function currentEdges(
  source: IndexSource,
  done: number,
): Promise<{ head: number; seam: number }> {
  return readEdges(source, done).catch(() => ({ head: -1, seam: -1 }))
}

/** Checksums of a file's first bytes and of those before `done`. An archived one is known by its own checksum. */
async function readEdges(source: IndexSource, done: number): Promise<{ head: number; seam: number }> {
  if (source.place === "archived" || done === 0) return { head: 0, seam: 0 }
  const length = Math.min(edgeLength, done)
  const head = await readSome(source, 0, length)
  return { head, seam: length === done ? head : await readSome(source, done - length, length) }
}

async function readSome(source: IndexSource, from: number, length: number): Promise<number> {
  const pieces: Uint8Array[] = []
  let read = 0
  for await (const piece of source.open(from, length)) {
    const wanted = piece.slice(0, length - read)
    pieces.push(wanted)
    read += wanted.length
    if (read >= length) break
  }
  return checksum(Buffer.concat(pieces))
}
