import type { KnownSource } from "../model/known-source.ts"
import type { Skipped, SourceReport } from "../model/source.ts"

/** The report of a file that was not read again. */
export function reportOf(known: KnownSource): SourceReport {
  const unfinished = known.size - known.readTo
  const skipped: Skipped[] = known.skipped === null ? [] : JSON.parse(known.skipped)
  if (unfinished > 0)
    skipped.push({ offset: known.readTo, length: unfinished, why: "the last line is not whole" })
  const { path, damaged } = known
  const skippedCount = damaged + (unfinished > 0 ? 1 : 0)
  return { path, state: "unchanged", parts: 0, bytes: 0, unfinished, skipped, skippedCount, error: null }
}
