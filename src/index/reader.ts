import type { Database } from "../system/sqlite/database.ts"
import { toDatabaseError } from "../system/sqlite/errors.ts"
import { currentTurn, startFolderOf } from "./lists/current-turn.ts"
import { type ForeignFile, foreignFilesOf, heldSessionsOf } from "./lists/foreign-files.ts"
import { type CommandRun, type Failure, Lists, type TouchedFile } from "./lists/lists.ts"
import { promptOnlySessions } from "./lists/only-prompts.ts"
import { type TokenUsage, tokenUsageBy } from "./lists/token-report.ts"
import { type UnknownRecords, unknownRecordsIn } from "./lists/unknown-records.ts"
import { visiblePartsAfter } from "./lists/visible-parts.ts"
import type { IndexedPart, RecordSource } from "./model/indexed-part.ts"
import { openToRead } from "./open.ts"
import { escapeLike, type Filters } from "./query/filters.ts"
import { parseQuery } from "./query/parse.ts"
import { PartReader } from "./search/parts.ts"
import { type QuestionAnswer, QuestionSearch } from "./search/question-search.ts"
import { Searcher, type SearchResult } from "./search/search.ts"
import { type IndexStats, statsOf } from "./store/stats.ts"
import { suggestWords } from "./terms/suggest.ts"

/** Queries an index. Opening it throws NO_INDEX when there is no readable index. */
export class IndexReader {
  readonly path: string
  readonly #database: Database
  readonly #parts: PartReader
  readonly #lists: Lists

  constructor(path: string) {
    this.path = path
    this.#database = openToRead(path)
    this.#parts = new PartReader(this.#database)
    this.#lists = new Lists(this.#database, this.#parts)
  }

  /** `query` as typed, see query/parse.ts. Without a word in it, returns the newest parts that match the filters. */
  search(query: string, filters: Filters, limit: number): SearchResult {
    const searcher = new Searcher(this.#database, this.#parts)
    return this.#guarded(() => searcher.search(parseQuery(query), filters, limit))
  }

  /**
   * For questions in everyday words: if nothing matches exactly, corrects spelling, tries other word forms, and accepts
   * partial matches.
   */
  answer(query: string, filters: Filters, limit: number): QuestionAnswer {
    return this.#guarded(() => new QuestionSearch(this.#database, this.#parts).answer(query, filters, limit))
  }

  /** The parts of a session since its last prompt, and the folder in which it began. */
  callerContext(session: string): { readonly turn: ReadonlySet<number>; readonly folder: string | null } {
    return this.#guarded(() => ({
      turn: currentTurn(this.#database, session),
      folder: startFolderOf(this.#database, session),
    }))
  }

  /** The folder in which a session began; null when unknown. */
  startFolder(session: string): string | null {
    return this.#guarded(() => startFolderOf(this.#database, session))
  }

  /** For a query without matches: indexed words that are spelled like those of its words that are not indexed. */
  suggest(query: string): readonly string[] {
    const parsed = parseQuery(query)
    return parsed === null ? [] : this.#guarded(() => suggestWords(this.#database, parsed))
  }

  recent(filters: Filters, limit: number): readonly IndexedPart[] {
    return this.#guarded(() => this.#lists.recent(filters, limit))
  }

  commands(filters: Filters, limit: number): readonly CommandRun[] {
    return this.#guarded(() => this.#lists.commands(filters, limit))
  }

  /** `following`: how many of the next parts are returned with each failure. */
  failures(filters: Filters, limit: number, following = 3): readonly Failure[] {
    return this.#guarded(() => this.#lists.failures(filters, limit, following))
  }

  files(filters: Filters, limit: number): readonly TouchedFile[] {
    return this.#guarded(() => this.#lists.files(filters, limit))
  }

  tokens(
    group: "day" | "session" | "model",
    options: Parameters<typeof tokenUsageBy>[2],
  ): readonly TokenUsage[] {
    return this.#guarded(() => tokenUsageBy(this.#database, group, options))
  }

  stats(): IndexStats {
    return this.#guarded(() => statsOf(this.#database))
  }

  part(id: number): IndexedPart | null {
    return this.#guarded(() => this.#parts.get(id))
  }

  /** Every known location of a part's record, the best first. */
  locations(id: number): readonly Omit<RecordSource, "gone">[] {
    return this.#guarded(() => this.#parts.locations(id))
  }

  /** Sessions of which only prompts are known, the newest first. */
  promptOnlySessions(): readonly string[] {
    return this.#guarded(() => promptOnlySessions(this.#database))
  }

  /** Records of unknown types that contain text, the most frequent type first. */
  unknownRecords(): readonly UnknownRecords[] {
    return this.#guarded(() => unknownRecordsIn(this.#database))
  }

  /** At most 20 ids, starting with `prefix`, of sessions that have parts. */
  sessionsLike(prefix: string): readonly string[] {
    const sql = "select distinct uuid from session where uuid like ? escape '\\' and parts > 0 limit 20"
    return this.#guarded(() =>
      this.#database
        .query<{ uuid: string }, [string]>(sql)
        .all(`${escapeLike(prefix)}%`)
        .map(({ uuid }) => uuid),
    )
  }

  /** Every part after the one with this id that a search finds without being asked for hidden ones. */
  partsAfter(id: number): Generator<IndexedPart> {
    return this.#guarded(() => visiblePartsAfter(this.#database, this.#parts, id))
  }

  /** Files of other sessions that contain records of this one. */
  foreignFiles(session: string): readonly ForeignFile[] {
    return this.#guarded(() => foreignFilesOf(this.#database, session))
  }

  /** Sessions of which this one's file holds records. */
  heldSessions(session: string): readonly string[] {
    return this.#guarded(() => heldSessionsOf(this.#database, session))
  }

  /** The parts of a session after the one with this id, in the order in which they were read, loaded in pages. */
  *conversation(session: string, behind = 0): Generator<IndexedPart> {
    for (let after = behind; ; ) {
      const parts = this.#guarded(() => this.#lists.ofSession(session, after))
      yield* parts
      const last = parts.at(-1)
      if (last === undefined) return
      after = last.part
    }
  }

  /** The part and its neighbours in the same conversation, in order. */
  around(id: number, before: number, after: number): readonly IndexedPart[] {
    return this.#guarded(() => this.#lists.around(id, before, after))
  }

  close(): void {
    this.#database.close()
  }

  #guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw toDatabaseError(error, this.path)
    }
  }
}
