import { type DiskPath, type FileReading, parseLine, type TranscriptRecord } from "session-rescue"
import { toLine } from "../records/title.ts"

const windowBytes = 1 << 20
/** Limit of the backwards search for a name. */
const maxSearchBytes = 64 * windowBytes
/** Longer than any name record. */
const overlapBytes = 4096

const marks = ['"type":"custom-title"', '"type":"agent-name"'].map((mark) => Buffer.from(mark))
const newline = 0x0a

export function nameIn(records: readonly TranscriptRecord[]): string | null {
  const named = records.findLast((record) => nameOf(record) !== null)
  return named === undefined ? null : nameOf(named)
}

function nameOf({ type, customTitle, agentName }: TranscriptRecord): string | null {
  if (type === "custom-title") return toLine(customTitle)
  return type === "agent-name" ? toLine(agentName) : null
}

/** Searches backwards from the end. Inside a text the quotes of such a record would be escaped. */
export function nameBefore(ctx: FileReading, path: DiskPath, size: number): string | null {
  for (let end = size; end > Math.max(0, size - maxSearchBytes); end -= windowBytes) {
    const from = Math.max(0, end - windowBytes - overlapBytes)
    const bytes = ctx.files.read(path, from, end - from)
    if (bytes === null) return null
    const name = lastNameIn(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    if (name !== null) return name
  }
  return null
}

function lastNameIn(bytes: Buffer): string | null {
  for (const mark of marks) {
    for (let at = bytes.lastIndexOf(mark); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(mark, at - 1)) {
      const start = bytes.lastIndexOf(newline, at) + 1
      const end = bytes.indexOf(newline, at)
      const record = end === -1 ? null : parseLine(bytes.subarray(start, end))
      const name = record === null ? null : nameOf(record)
      if (name !== null) return name
    }
  }
  return null
}
