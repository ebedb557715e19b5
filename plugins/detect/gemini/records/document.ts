/** Documents of the old form: one JSON value with all messages, written whole each time. */
import { type Context, parseLine, type TranscriptSlice } from "session-rescue"

const maxBytes = 64 << 20

/** The document as the single record of a file. */
export function readDocument(ctx: Context, path: string, size: number): TranscriptSlice {
  const bytes = size > maxBytes ? null : ctx.files.read(path, 0, size)
  const record = bytes === null || bytes.length === 0 ? null : parseLine(bytes)
  const isBad = record === null && size > 0
  return {
    records: record === null ? [] : [record],
    damaged: isBad ? 1 : 0,
    torn: false,
    whole: true,
    unreadableEnd: isBad,
  }
}
