import type { KnownSource } from "../model/known-source.ts"
import type { IndexSource } from "../model/source.ts"
import { checksum } from "../store/hashing.ts"

type Edges = Pick<KnownSource, "headSum" | "tailSum">

/** Bytes at the start of a file, and before the point where reading stopped, that identify its contents. */
const edgeLength = 4096

/** Whether a file still begins with the bytes that were read from it. */
export async function continues(known: KnownSource, source: IndexSource): Promise<boolean> {
  if (known.file !== source.file || source.size < known.readTo) return false
  const { headSum, tailSum } = await readEdges(source, known.readTo)
  return headSum === known.headSum && tailSum === known.tailSum
}

/** The edges of what was just read. When they cannot be read, the whole file is read again next time. */
export async function currentEdges(source: IndexSource, readTo: number): Promise<Edges> {
  return readEdges(source, readTo).catch(() => ({ headSum: -1, tailSum: -1 }))
}

/** Checksums of the first bytes and of those before `readTo`. An archived file is identified by its own checksum. */
async function readEdges(source: IndexSource, readTo: number): Promise<Edges> {
  if (source.place === "archived" || readTo === 0) return { headSum: 0, tailSum: 0 }
  const length = Math.min(edgeLength, readTo)
  const headSum = await readSum(source, 0, length)
  return { headSum, tailSum: length === readTo ? headSum : await readSum(source, readTo - length, length) }
}

async function readSum(source: IndexSource, from: number, length: number): Promise<number> {
  const chunks: Uint8Array[] = []
  let read = 0
  for await (const chunk of source.open(from, length)) {
    const wanted = chunk.slice(0, length - read)
    chunks.push(wanted)
    read += wanted.length
    if (read >= length) break
  }
  return checksum(Buffer.concat(chunks))
}
