/**
 * Everything that was said, found in milliseconds: SQLite with a full-text table. A cache: it can be made again from
 * the archive, the pending exports and the clients' homes.
 *
 *   const index = new IndexWriter(path, (kept, why) => …)     // made when missing
 *   // the oldest files first: numbers then grow with time, and the newest hits are the first to be looked at
 *   const report = await index.update(source, readRecord, { signal, progress })
 *   index.markMissing(path); index.move(from, to)              // pending → archived
 *   index.close()                                              // makes lasting what was read
 *   await rebuildIndex(path, async (index) => …)               // beside the old one, which it then replaces
 *
 *   const index = new IndexReader(path)                        // NO_INDEX when there is none
 *   index.search('"last words" NEAR(a b, 5) -not', { project: "shop" }, 20) // → { hits, total, totalIsExact }
 *   index.answer("how did we fix the login", {}, 10) // → the same, and what had to be done for it
 *   index.recent / commands / failures / files / tokens / stats / nearest / part / around / places
 *
 * No line is too long: one of many MB is kept in a file beside the index while it is read, parsed without its long
 * strings, and what those say goes piece by piece into rows of their own (measures.ts has all the sizes).
 *
 * A row is a part of a message. A record is known by its name (uuid) within its session, or by its bytes where it
 * has none, so that one met again — live, exported, archived, written again after a compaction — stays one row.
 */

export type { ForeignFile } from "./lists/guests.ts"
export type { CommandRun, Failure, TouchedFile } from "./lists/lists.ts"
export type { TokenUsage } from "./lists/token-report.ts"
export { liveSourcesOf } from "./live-sources.ts"
export { lastFullRead, recordFullRead } from "./looked.ts"

export type { IndexedPart } from "./model/indexed-part.ts"

export type { IndexSource, Skipped, SourceForm, SourceReport } from "./model/source.ts"
export type { Filters } from "./query/filters.ts"
export { parseQuery } from "./query/parse.ts"
export { IndexReader } from "./reader.ts"
export { rebuildIndex } from "./rebuild.ts"
export { readLine, readTextChunks } from "./records/read-line.ts"
export type { QuestionAnswer } from "./search/asking.ts"
export type { Hit } from "./search/hit.ts"
export type { SearchResult } from "./search/search.ts"
export { NumberSet } from "./store/number-set.ts"
export type { IndexStats } from "./store/stats.ts"

export { indexStateAt } from "./usable.ts"
export { type FileState, IndexWriter, isUnchanged } from "./writer.ts"
