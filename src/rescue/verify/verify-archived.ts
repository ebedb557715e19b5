import { isRescueError } from "../../domain/errors.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { readTrouble } from "../../system/fs/io-errors.ts"
import { fill } from "../../system/fs/read-fully.ts"
import { collectGarbage } from "../../system/runtime/gc.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { addAll, startSums } from "../io/checksums.ts"
import { stepBytes } from "../io/chunk-sizes.ts"
import type { Source } from "../io/source-file.ts"
import { damaged } from "./archive-reader.ts"

/** What was decoded, byte for byte the file it was compared with, or not. */
export interface Proof {
  readonly md5: string | null
  /** false: `other` holds something else in its first bytes. */
  readonly same: boolean
}

const collectEvery = 24 << 20
/** Of all files that were proved since: of thousands of small ones, none is worth the time by itself. */
let uncollected = 0

/**
 * Decodes one file and compares it with what the manifest says of it, and, where there is one, byte for byte with
 * another file that is held open. Throws `DAMAGED` when it is not what the manifest says.
 */
export async function proveFile(
  file: ManifestFile,
  decoded: AsyncIterable<Uint8Array>,
  other: Source | null,
  withMd5: boolean,
  progress: Progress,
): Promise<Proof> {
  const sums = await startSums(file.length, withMd5)
  const advance = checkpoints(progress)
  const room = Buffer.allocUnsafe(stepBytes)
  let length = 0
  let same = true
  uncollected += file.length // making the archive left garbage as well
  try {
    for await (const bytes of whatIsDecoded(file, decoded)) {
      if (length + bytes.length > file.length) throw damaged(`${file.path} holds more than its manifest says`)
      for (let from = 0; from < bytes.length; from += stepBytes) {
        const part = bytes.subarray(from, from + stepBytes)
        addAll(sums, part)
        if (other !== null && same) same = agrees(other, part, length + from, room) // safety: archive-compare
      }
      length += bytes.length
      uncollected += bytes.length
      if (uncollected >= collectEvery) {
        uncollected = 0
        collectGarbage()
      }
      await advance(bytes.length)
    }
    if (length !== file.length) throw damaged(`${file.path} holds ${length} bytes instead of ${file.length}`)
    const { sha256, md5 } = await sums.finish()
    // safety: archive-sum
    if (sha256 !== file.sha256)
      throw damaged(`${file.path} is not what its manifest says: its checksum differs`)
    return { md5, same }
  } finally {
    sums.discard()
  }
}

/** Whatever an archiver throws while it decodes means that it cannot be decoded. */
async function* whatIsDecoded(file: ManifestFile, decoded: AsyncIterable<Uint8Array>) {
  try {
    for await (const bytes of decoded) yield bytes
  } catch (error) {
    if (isRescueError(error) && ["DAMAGED", "INTERRUPTED", "PLUGIN_FAILED"].includes(error.code)) throw error
    throw damaged(`${file.path} cannot be decoded: ${(error as Error)?.message ?? error}`)
  }
}

function agrees(other: Source, part: Uint8Array, offset: number, room: Buffer): boolean {
  try {
    const count = fill(other.fd, room.subarray(0, part.length), offset)
    return room.subarray(0, count).equals(part)
  } catch (error) {
    throw readTrouble(error, other.path)
  }
}
