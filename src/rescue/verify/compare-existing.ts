import { closeSync } from "node:fs"
import type { DiskPath } from "../../domain/disk-path.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { chunkBytes } from "../io/chunk-sizes.ts"
import { digestStream } from "../io/digest.ts"
import { openSource } from "../io/source-file.ts"
import { collectDocument, holdsRecords, readDocument } from "./documents.ts"

/** How an existing file compares with a file of an export. */
export type Comparison = "equal" | "existing-is-longer" | "different"

/**
 * Uses the checksum in the manifest: the export itself is read only for a file that its client writes whole, which goes on
 * where it has all records of the export's.
 */
export async function compareWith(
  path: DiskPath,
  file: ManifestFile,
  stored: () => AsyncIterable<Uint8Array>,
  progress: Progress,
): Promise<Comparison> {
  const likeness = await compareBeginning(path, file, progress)
  if (likeness === "equal" || file.store !== "rewritten") return likeness
  const ours = await collectDocument(stored(), progress)
  return holdsRecords(readDocument(path), ours) ? "existing-is-longer" : "different"
}

async function compareBeginning(path: DiskPath, file: ManifestFile, progress: Progress): Promise<Comparison> {
  const source = openSource(path)
  try {
    if (source.length < file.length) return "different"
    ;(await pageCache()).forget(source.fd)
    const beginning = firstBytes(source.fd, file.length)
    const { length, sha256 } = await digestStream(beginning, file.length, false, progress)
    if (length !== file.length || sha256 !== file.sha256) return "different"
    return source.length === file.length ? "equal" : "existing-is-longer"
  } finally {
    closeSync(source.fd)
  }
}

export async function* firstBytes(fd: number, length: number): AsyncIterable<Uint8Array> {
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, length)))
  for (let offset = 0; offset < length; ) {
    const count = readFully(fd, buffer.subarray(0, Math.min(buffer.length, length - offset)), offset)
    if (count === 0) return
    offset += count
    yield buffer.subarray(0, count)
  }
}
