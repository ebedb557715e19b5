import { promisify } from "node:util"
import { KiB } from "../../domain/bytes.ts"

/** Fewer bytes take less time than handing them to another thread. */
const minThreadBytes = 128 * KiB

/** Compresses bytes into one zstd frame with a checksum, in another thread unless they are few. */
export async function compressFrame(bytes: Uint8Array, level: number): Promise<Uint8Array> {
  if (bytes.length === 0) return Uint8Array.fromHex(emptyFrame)
  const { constants, zstdCompress, zstdCompressSync } = await import("node:zlib") // Bun's own function omits the checksum
  const params = { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: level }
  const chunkSize = Math.max(64 * KiB, Math.ceil(bytes.length / 4))
  if (bytes.length < minThreadBytes) return zstdCompressSync(bytes, { params, chunkSize })
  return promisify(zstdCompress)(bytes, { params, chunkSize })
}

/**
 * Decompresses one zstd frame. Throws when the content is not exactly `length` bytes or fails its checksum; never
 * allocates more than that, whatever a damaged or crafted frame claims.
 */
export async function decompressFrame(frame: Uint8Array, length: number): Promise<Uint8Array> {
  const claimed = contentSize(frame)
  if (claimed !== length) throw new Error(`a frame is of ${claimed ?? "unknown"} bytes instead of ${length}`)
  const bytes = length < minThreadBytes ? Bun.zstdDecompressSync(frame) : await Bun.zstdDecompress(frame)
  if (bytes.length !== length) throw new Error(`a frame holds ${bytes.length} bytes instead of ${length}`)
  return bytes
}

/** A frame of no bytes, with size and checksum: the one from zlib omits the size. */
const emptyFrame = "28b52ffd240001000099e9d851"

const magic = 0xfd2fb528

/** The content size in a frame's header (RFC 8878, 3.1.1.1); null when it has none. */
function contentSize(frame: Uint8Array): number | null {
  const header = new DataView(new ArrayBuffer(24)) // longer than any header; missing bytes are zero
  new Uint8Array(header.buffer).set(frame.subarray(0, 24))
  if (header.getUint32(0, true) !== magic) return null
  const descriptor = header.getUint8(4)
  const single = (descriptor & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0
  const at = 5 + (single ? 0 : 1) + dictionary
  switch (descriptor >> 6) {
    case 0:
      return single ? header.getUint8(at) : null
    case 1:
      return header.getUint16(at, true) + 256
    case 2:
      return header.getUint32(at, true)
    default:
      return Number(header.getBigUint64(at, true))
  }
}

/** Decompresses a stream of frames, bounded in memory. Throws when it is damaged or ends within a frame. */
export async function* decompressStream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const [{ createZstdDecompress }, { Readable }] = await Promise.all([
    import("node:zlib"),
    import("node:stream"),
  ])
  const copies = async function* () {
    for await (const chunk of chunks) yield Buffer.from(chunk) // a chunk is valid only until the next one is requested
  }
  const source = Readable.from(copies())
  const decoder = createZstdDecompress()
  source.on("error", (error) => decoder.destroy(error))
  yield* source.pipe(decoder) as AsyncIterable<Uint8Array>
}
