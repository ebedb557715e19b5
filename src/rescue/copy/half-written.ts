import { MiB } from "../../domain/bytes.ts"
import { showPath } from "../../domain/disk-path.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import type { SourceFile } from "../io/source-file.ts"

/** Longer documents are not parsed: only that nothing was written while they were read is known. */
const maxParsedBytes = 64 * MiB

/**
 * Whether a file that its client writes whole holds no whole document: a writer may have stopped in the middle. Any other
 * file is never half written: what is there is there.
 */
export function isHalfWritten({ fd, length, path, store }: SourceFile): boolean {
  if (store !== "rewritten" || length > maxParsedBytes || !showPath(path).endsWith(".json")) return false
  const bytes = Buffer.allocUnsafe(length)
  if (readFully(fd, bytes, 0) !== length) return true
  try {
    JSON.parse(bytes.toString("utf8"))
    return false
  } catch {
    return true
  }
}
