/** What reading files into the index came to. */
export interface IndexSummary {
  /** Files that were looked at, and those of them in which something was new. */
  readonly files: number
  readonly read: number
  /** Message parts that are new in the index. */
  readonly messages: number
  /** Bytes read. */
  readonly bytes: number
  /** Lines that could not be read, known so far in these files. */
  readonly skipped: readonly SkippedLine[]
  readonly skippedCount: number
  /** Files that were not what they had been, and were read anew. */
  readonly rewritten: readonly string[]
  /** Files that could not be read to their end, and why. */
  readonly incomplete: readonly { readonly path: string; readonly why: string }[]
}

interface SkippedLine {
  readonly path: string
  readonly offset: number
  readonly length: number
  readonly why: string
}

export const emptySummary: IndexSummary = {
  files: 0,
  read: 0,
  messages: 0,
  bytes: 0,
  skipped: [],
  skippedCount: 0,
  rewritten: [],
  incomplete: [],
}

/** So many damaged lines are named one by one. */
const maxNamedLines = 200

export function addSummaries(one: IndexSummary, other: IndexSummary): IndexSummary {
  return {
    files: one.files + other.files,
    read: one.read + other.read,
    messages: one.messages + other.messages,
    bytes: one.bytes + other.bytes,
    skipped: [...one.skipped, ...other.skipped].slice(0, maxNamedLines),
    skippedCount: one.skippedCount + other.skippedCount,
    rewritten: [...one.rewritten, ...other.rewritten],
    incomplete: [...one.incomplete, ...other.incomplete],
  }
}
