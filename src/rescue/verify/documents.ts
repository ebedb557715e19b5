import { MiB } from "../../domain/bytes.ts"
import type { DiskPath } from "../../domain/disk-path.ts"
import { documentContains, parseDocument } from "../../domain/export/document.ts"
import type { Progress } from "../../domain/progress.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { closeSource, openSource } from "../io/source-file.ts"

/** A longer document is not compared by its records: it counts as another one. */
const maxDocumentBytes = 256 * MiB

/** Whether a document holds every record of an older one: where bytes are rewritten, a beginning proves nothing. */
export function holdsRecords(newer: Uint8Array | null, older: Uint8Array | null): boolean {
  if (newer === null || older === null) return false
  return documentContains(parseDocument(newer), parseDocument(older))
}

/** null when it is too long, or not a plain file. */
export function readDocument(path: DiskPath): Buffer | null {
  const source = openSource(path)
  try {
    if (source.length > maxDocumentBytes) return null
    const bytes = Buffer.allocUnsafe(source.length)
    return readFully(source.fd, bytes, 0) === source.length ? bytes : null
  } finally {
    closeSource(source)
  }
}

/** The same of a stream; null when it is too long. */
export async function collectDocument(
  stream: AsyncIterable<Uint8Array>,
  progress: Progress,
): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  const advance = checkpoints(progress)
  let length = 0
  for await (const bytes of stream) {
    length += bytes.length
    if (length > maxDocumentBytes) return null
    chunks.push(Buffer.from(bytes)) // a piece may be reused
    await advance(bytes.length)
  }
  return Buffer.concat(chunks)
}
