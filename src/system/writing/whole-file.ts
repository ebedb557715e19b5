/** Files that are written for people and plugins: whole, or not at all. */
import { dirname } from "node:path"
import type { WrittenFile } from "../../domain/written-file.ts"
import {
  closeFile,
  createFile,
  discard,
  flushFile,
  flushFolder,
  makeFolders,
  replaceFile,
  writeAll,
} from "../fs/durable.ts"
import { withWriteErrors } from "../fs/io-errors.ts"

/**
 * Writes a file piece by piece, 0600: it appears under its name once it is complete and flushed, and replaces an older
 * one. Throws the system's own error; nothing is left then.
 */
export async function writeWholeFile(path: string, pieces: AsyncIterable<string>): Promise<WrittenFile> {
  const folder = dirname(path)
  const staged = `${path}.${crypto.randomUUID().slice(0, 8)}.tmp`
  withWriteErrors(folder, () => makeFolders(folder, false))
  const fd = withWriteErrors(staged, () => createFile(staged))
  try {
    const hash = new Bun.CryptoHasher("sha256")
    let bytes = 0
    try {
      for await (const piece of pieces) {
        const encoded = Buffer.from(piece)
        withWriteErrors(staged, () => writeAll(fd, encoded, bytes))
        hash.update(encoded)
        bytes += encoded.length
      }
      await flushFile(fd)
    } finally {
      closeFile(fd)
    }
    replaceFile(staged, path)
    flushFolder(folder)
    return { path, bytes, sha256: hash.digest("hex") }
  } catch (error) {
    discard(staged)
    throw error
  }
}
