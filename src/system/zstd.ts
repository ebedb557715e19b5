import { promisify } from "node:util"

/** One zstd frame of these bytes, with their checksum in it; made in a thread beside this one. */
export async function compressFrame(bytes: Uint8Array, level: number): Promise<Uint8Array> {
  const { constants, zstdCompress } = await import("node:zlib")
  const params = { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: level }
  return promisify(zstdCompress)(bytes, { params, chunkSize: chunk(bytes.length / 4) })
}

/**
 * What one zstd frame holds. Throws when that is not exactly `length` bytes, or not what its checksum says; never
 * makes more than that of it, whatever a damaged or made-up frame claims.
 */
export async function decompressFrame(frame: Uint8Array, length: number): Promise<Uint8Array> {
  const { zstdDecompress } = await import("node:zlib")
  const options = { maxOutputLength: Math.max(1, length), chunkSize: chunk(length) }
  const bytes = await promisify(zstdDecompress)(frame, options)
  if (bytes.length !== length) throw new Error(`a frame holds ${bytes.length} bytes instead of ${length}`)
  return bytes
}

/** How much is asked of the memory at a time. */
function chunk(bytes: number): number {
  return Math.max(64 << 10, Math.ceil(bytes))
}
