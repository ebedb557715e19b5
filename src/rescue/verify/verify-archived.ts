import { MiB } from "../../domain/bytes.ts"
import { isRescueError } from "../../domain/errors.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { toReadError } from "../../system/fs/io-errors.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { collectGarbage } from "../../system/runtime/gc.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { addInChunks, startChecksums } from "../io/checksums.ts"
import { chunkBytes } from "../io/chunk-sizes.ts"
import type { SourceFile } from "../io/source-file.ts"
import { damagedError } from "./archive-reader.ts"

/** The result of decoding a file and comparing it with another one. */
export interface DecodedProof {
  readonly md5: string | null
  /** false: the first bytes of `other` are different. */
  readonly same: boolean
}

const gcEveryBytes = 24 * MiB
/** Summed over all files verified since: among thousands of small files, none alone justifies a collection. */
let bytesSinceGc = 0

/**
 * Decodes one file and compares it with the manifest and, if `other` is given, byte for byte with that open file.
 * Throws `DAMAGED` when it does not match the manifest.
 */
export async function verifyDecoded(
  file: ManifestFile,
  decoded: AsyncIterable<Uint8Array>,
  other: SourceFile | null,
  withMd5: boolean,
  progress: Progress,
): Promise<DecodedProof> {
  const sums = await startChecksums(file.length, withMd5)
  const advance = checkpoints(progress)
  const buffer = Buffer.allocUnsafe(chunkBytes)
  let length = 0
  let same = true
  bytesSinceGc += file.length // creating the archive left garbage as well
  try {
    for await (const bytes of decodeOrDamaged(file, decoded)) {
      if (length + bytes.length > file.length)
        throw damagedError(`${file.path} holds more than its manifest says`)
      for (let from = 0; from < bytes.length; from += chunkBytes) {
        const part = bytes.subarray(from, from + chunkBytes)
        addInChunks(sums, part)
        if (other !== null && same) same = agrees(other, part, length + from, buffer) // safety: archive-compare
      }
      length += bytes.length
      bytesSinceGc += bytes.length
      if (bytesSinceGc >= gcEveryBytes) {
        bytesSinceGc = 0
        collectGarbage()
      }
      await advance(bytes.length)
    }
    if (length !== file.length)
      throw damagedError(`${file.path} holds ${length} bytes instead of ${file.length}`)
    const { sha256, md5 } = await sums.finish()
    // safety: archive-sum
    if (sha256 !== file.sha256)
      throw damagedError(`${file.path} does not match its manifest: its checksum differs`)
    return { md5, same }
  } finally {
    sums.discard()
  }
}

/** Any error an archiver throws while decoding means that the file cannot be decoded. */
async function* decodeOrDamaged(file: ManifestFile, decoded: AsyncIterable<Uint8Array>) {
  try {
    for await (const bytes of decoded) yield bytes
  } catch (error) {
    if (isRescueError(error) && ["DAMAGED", "INTERRUPTED", "PLUGIN_FAILED"].includes(error.code)) throw error
    throw damagedError(`${file.path} cannot be decoded: ${(error as Error)?.message ?? error}`)
  }
}

function agrees(other: SourceFile, part: Uint8Array, offset: number, buffer: Buffer): boolean {
  try {
    const count = readFully(other.fd, buffer.subarray(0, part.length), offset)
    return buffer.subarray(0, count).equals(part)
  } catch (error) {
    throw toReadError(error, other.path)
  }
}
