import type { Database } from "../system/sqlite/database.ts"
import { toDatabaseError } from "../system/sqlite/errors.ts"
import { type ForeignFile, foreignFilesOf } from "./lists/guests.ts"
import { type CommandRun, type Failure, Lists, type TouchedFile } from "./lists/lists.ts"
import { promptOnlySessions } from "./lists/only-prompts.ts"
import { currentTurn, startFolderOf } from "./lists/own-turn.ts"
import { type UnknownRecords, unknownRecordsIn } from "./lists/strange-records.ts"
import { type TokenUsage, tokenUsageBy } from "./lists/token-report.ts"
import type { IndexedPart, RecordSource } from "./model/indexed-part.ts"
import { openToRead } from "./open.ts"
import { escapeLike, type Filters } from "./query/filters.ts"
import { parseQuery } from "./query/parse.ts"
import { type QuestionAnswer, QuestionSearch } from "./search/asking.ts"
import { PartReader } from "./search/parts.ts"
import { Searcher, type SearchResult } from "./search/search.ts"
import { type IndexStats, statsOf } from "./store/stats.ts"
import { suggestWords } from "./terms/suggest.ts"

/** An index that is asked. Opening it fails with NO_INDEX when there is none that can be read. */
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

  /** `query` as typed: see query.ts. With no word in it, the newest parts that fit the filters. */
  search(query: string, filters: Filters, limit: number): SearchResult {
    const searcher = new Searcher(this.#database, this.#parts)
    return this.#guarded(() => searcher.search(parseQuery(query), filters, limit))
  }

  /** As a person asks: what does not fit to the letter is looked for rightly spelt, in other forms, and for the most part. */
  answer(query: string, filters: Filters, limit: number): QuestionAnswer {
    return this.#guarded(() => new QuestionSearch(this.#database, this.#parts).answer(query, filters, limit))
  }

  /** The parts of a session since its last prompt, and the folder it began in. */
  callerContext(session: string): { readonly turn: ReadonlySet<number>; readonly folder: string | null } {
    return this.#guarded(() => ({
      turn: currentTurn(this.#database, session),
      folder: startFolderOf(this.#database, session),
    }))
  }

  /** For a query that found nothing: words of the index that are spelt much like those of its words that are not. */
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

  /** `following`: how many parts that came next are given with each. */
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

  /** Every place where a part's record is known to lie, the best first. */
  locations(id: number): readonly Omit<RecordSource, "gone">[] {
    return this.#guarded(() => this.#parts.locations(id))
  }

  /** Sessions of which nothing but prompts is known, the newest first. */
  promptOnlySessions(): readonly string[] {
    return this.#guarded(() => promptOnlySessions(this.#database))
  }

  /** Records of types that are not known and in which there is text, the most frequent type first. */
  unknownRecords(): readonly UnknownRecords[] {
    return this.#guarded(() => unknownRecordsIn(this.#database))
  }

  /** The ids of sessions in which something was said, by their beginning; a few. */
  sessionsLike(prefix: string): readonly string[] {
    const sql = "select distinct uuid from session where uuid like ? escape '\\' and parts > 0 limit 20"
    return this.#guarded(() =>
      this.#database
        .query<{ uuid: string }, [string]>(sql)
        .all(`${escapeLike(prefix)}%`)
        .map(({ uuid }) => uuid),
    )
  }

  /** Files of other sessions in which something of this one stands. */
  foreignFiles(session: string): readonly ForeignFile[] {
    return this.#guarded(() => foreignFilesOf(this.#database, session))
  }

  /** All that was said in a session, in the order in which it was read, some at a time. */
  *conversation(session: string): Generator<IndexedPart> {
    for (let after = 0; ; ) {
      const parts = this.#guarded(() => this.#lists.ofSession(session, after))
      yield* parts
      const last = parts.at(-1)
      if (last === undefined) return
      after = last.part
    }
  }

  /** The parts before and behind one in the same file, in order, itself among them. */
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
