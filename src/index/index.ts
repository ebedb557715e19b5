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

export type { Answered } from "./asking.ts"
export type { Filters } from "./filters.ts"
export type { GuestPlace } from "./guests.ts"
export type { Hit } from "./hit.ts"
export type { IndexedPart, Place } from "./indexed-part.ts"
export type { KnownFile, KnownSource } from "./known-source.ts"
export type { CommandRun, Failure, TouchedFile } from "./lists.ts"
export { liveSourcesOf } from "./live-sources.ts"
export { lookedAt, noteLook } from "./looked.ts"
export { NumberSet } from "./number-set.ts"
export { parseQuery } from "./query.ts"
export { IndexReader } from "./read.ts"
export { readLine, readPieces } from "./read-line.ts"
export { rebuildIndex } from "./rebuild.ts"
export type { Correction } from "./resolved-terms.ts"
export type { Found as SearchResult } from "./search.ts"
export type { Snippet } from "./snippet.ts"
export type { IndexSource, Skipped, SourceForm, SourceReport } from "./source.ts"
export type { IndexStats } from "./stats.ts"
export type { TokenUse } from "./token-use.ts"
export type { Reading } from "./update.ts"
export { indexState } from "./usable.ts"
export { type FileNow, IndexWriter, isSame } from "./write.ts"
