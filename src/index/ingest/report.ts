import type { KnownSource } from "../model/known-source.ts"
import type { Skipped, SourceReport } from "../model/source.ts"

/** What is known of a file without reading it again. */
export function reportOf(known: KnownSource): SourceReport {
  const torn = known.size - known.done
  const skipped: Skipped[] = known.skipped === null ? [] : JSON.parse(known.skipped)
  if (torn > 0) skipped.push({ offset: known.done, length: torn, why: "the last line is not whole" })
  const { path, damaged } = known
  const skippedCount = damaged + (torn > 0 ? 1 : 0)
  return { path, state: "unchanged", parts: 0, bytes: 0, torn, skipped, skippedCount, trouble: null }
}
