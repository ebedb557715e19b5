/**
 * Full-text index of all conversations: an SQLite database that answers in milliseconds. It is a cache and can be
 * rebuilt from the archive, the pending exports and the clients' homes.
 *
 *   const index = new IndexWriter(path, (kept, why) => …)     // creates a missing file
 *   // index the oldest files first: ids then increase with time, and searches read the newest rows first
 *   const report = await index.update(source, readRecord, { signal, progress })
 *   index.markMissing(path); index.move(from, to)              // pending → archived
 *   index.close()                                              // commits
 *   await rebuildIndex(path, async (index) => …)               // builds a new file, then replaces the old one
 *
 *   const index = new IndexReader(path)                        // throws NO_INDEX when there is no index
 *   index.search('"last words" NEAR(a b, 5) -not', { project: folderFilter("/work/shop") }, 20) // → { hits, total, totalIsExact }
 *   index.answer("how did we fix the login", {}, 10) // → the same, and how the query was relaxed
 *   index.recent / commands / failures / files / tokens / stats / part / around / locations
 *
 * Lines of any length are read. A line of many MB is kept in a scratch file beside the index and parsed without its
 * long strings, whose texts are written in pieces, each to its own row (model/limits.ts has all the sizes).
 *
 * A row is a part of a message. A record is identified by its id (uuid) within its session, or by its bytes if it has
 * no id. Repeats of it (live, exported, archived, written again after a compaction) add no rows.
 */

export { lastFullRead, recordFullRead } from "./full-read.ts"
export { indexStateAt } from "./index-state.ts"
export type { ForeignFile } from "./lists/foreign-files.ts"
export type { CommandRun, Failure, TouchedFile } from "./lists/lists.ts"
export type { TokenUsage } from "./lists/token-report.ts"
export { liveSourcesOf } from "./live-sources.ts"
export { type Snippet, snippetOf } from "./matches/snippet.ts"
export type { IndexedPart } from "./model/indexed-part.ts"
export type { IndexSource, ParsedStretch, Skipped, SourceForm, SourceReport } from "./model/source.ts"
export { type BatchMemory, newBatchMemory, type PackedBatch } from "./packed/batch.ts"
export { FilePacker } from "./packed/file-packer.ts"
export { stretchRecords } from "./packed/record-unpacker.ts"
export { phrasesOf } from "./query/ast.ts"
export type { Filters } from "./query/filters.ts"
export { parseQuery } from "./query/parse.ts"
export { IndexReader } from "./reader.ts"
export { rebuildIndex } from "./rebuild.ts"
export { readLine, readTextChunks } from "./records/read-line.ts"
export type { Hit } from "./search/hit.ts"
export type { QuestionAnswer } from "./search/question-search.ts"
export type { SearchResult } from "./search/search.ts"
export type { FileFactsRow } from "./store/file-facts.ts"
export { NumberSet } from "./store/number-set.ts"
export type { IndexStats } from "./store/stats.ts"
export { isQuestion } from "./terms/questions.ts"
export { wordsOf } from "./text/tokenizer.ts"
export { type FileState, IndexWriter, isUnchanged } from "./writer.ts"
