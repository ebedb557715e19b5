/** The result of reading files into the index. */
export interface IndexSummary {
  /** Files that were checked, and the number of them with new content. */
  readonly files: number
  readonly read: number
  /** New message parts in the index. */
  readonly messages: number
  /** Bytes read. */
  readonly bytes: number
  /** Unreadable lines known so far in these files. */
  readonly skipped: readonly SkippedLine[]
  readonly skippedCount: number
  /** Files whose earlier content changed and that were read again from the start. */
  readonly rewritten: readonly string[]
  /** Files that could not be read to the end, and why. */
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

/** At most this many damaged lines are listed individually. */
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
