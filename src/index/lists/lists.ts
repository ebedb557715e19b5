/** Answers that need no query: recent parts, commands, failures, files, prompts, token usage. */

import type { Database } from "../../system/sqlite/database.ts"
import type { IndexedPart } from "../model/indexed-part.ts"
import { type Filters, filtersExpression } from "../query/filters.ts"
import { NewestParts } from "../search/newest.ts"
import type { PartReader } from "../search/parts.ts"
import { tags } from "../store/filter-tags.ts"

/** A shell command and its result. */
export interface CommandRun {
  readonly call: IndexedPart
  /** null: the result is unknown. */
  readonly result: IndexedPart | null
}

/** A tool's failure, the call that failed, and the next parts of the conversation. */
export interface Failure {
  readonly result: IndexedPart
  readonly call: IndexedPart | null
  readonly next: readonly IndexedPart[]
}

export interface TouchedFile {
  readonly path: string
  readonly times: number
  readonly sessions: number
  /** Milliseconds since 1970. */
  readonly last: number | null
  readonly tools: readonly string[]
}

/** Parts searched after a failure, beyond the number requested, for what was done next. */
const maxPartsBetween = 12

/** Lists that need no query, the newest first. */
export class Lists {
  readonly #database: Database
  readonly #parts: PartReader
  readonly #newest: NewestParts
  readonly #findResult

  constructor(database: Database, parts: PartReader) {
    this.#database = database
    this.#parts = parts
    this.#newest = new NewestParts(database)
    this.#findResult = database.query<{ id: number }, [number]>(
      "select id from part where answers = ? limit 1",
    )
  }

  recent(filters: Filters, limit: number): IndexedPart[] {
    return this.#all(this.#newest.of(filters, limit))
  }

  commands(filters: Filters, limit: number): CommandRun[] {
    return this.recent({ ...filters, commands: true }, limit).map((call) => {
      const answer = this.#findResult.get(call.part)
      return { call, result: answer === null ? null : this.#parts.get(answer.id) }
    })
  }

  failures(filters: Filters, limit: number, following: number): Failure[] {
    return this.recent({ ...filters, errors: true }, limit).map((result) => ({
      result,
      call: result.answers === null ? null : this.#parts.get(result.answers),
      next: this.#whatFollowed(result, following),
    }))
  }

  /** Files named in tool calls, the one touched last first. */
  files(filters: Filters, limit: number): TouchedFile[] {
    const match = filtersExpression(this.#database, { ...filters, files: true })
    if (match === null) return []
    return this.#database
      .query<TouchedFile & { used: string | null }, [string, number | null, number | null, number]>(
        `select path.value as path, count(*) as times, count(distinct part_context.session) as sessions,
           max(part.time) as last, group_concat(distinct tool.value) as used
         from search join part on part.id = search.rowid join file_touch on file_touch.part = part.id
           join name path on path.id = file_touch.path join part_context on part_context.id = part.part_context
           left join name tool on tool.id = part.tool
         where search match ?1 and (?2 is null or part.time >= ?2) and (?3 is null or part.time < ?3)
         group by file_touch.path order by last desc, path limit ?4`,
      )
      .all(match, filters.since ?? null, filters.until ?? null, limit)
      .map(({ used, ...file }) => ({ ...file, tools: used === null ? [] : used.split(",").sort() }))
  }

  /** A page of a session's parts, with ids above `after`. */
  ofSession(session: string, after: number): IndexedPart[] {
    const match = filtersExpression(this.#database, { session, allParts: true })
    if (match === null) return []
    const sql = `select search.rowid as id from search join part on part.id = search.rowid
      where search match ? and search.rowid > ? order by search.rowid limit 500`
    const found = this.#database.query<{ id: number }, [string, number]>(sql).all(match, after)
    return this.#all(found.map(({ id }) => id))
  }

  around(part: number, before: number, after: number): IndexedPart[] {
    const earlier = nearbyParts(this.#database, part, "before", before).reverse()
    return this.#all([...earlier, part, ...nearbyParts(this.#database, part, "behind", after)])
  }

  /** Excludes results of earlier calls, and the client's own texts. */
  #whatFollowed({ part }: IndexedPart, count: number): IndexedPart[] {
    if (count === 0) return []
    return this.#all(nearbyParts(this.#database, part, "behind", count + maxPartsBetween))
      .filter(({ role, answers }) => role !== "system" && (answers === null || answers > part))
      .slice(0, count)
  }

  #all(ids: readonly number[]): IndexedPart[] {
    return ids.flatMap((id) => this.#parts.get(id) ?? [])
  }
}

/**
 * Parts before or after a part in the same conversation, nearest first. They may have been read much later and from
 * another file: an export ends where the client's own file continues.
 */
function nearbyParts(database: Database, part: number, side: "before" | "behind", count: number): number[] {
  const own = database
    .query<{ source: number; session: number; document: string; former: number }, [number]>(
      `select part.source, part_context.session, source.document, source.state = 'superseded' as former from part
       join part_context on part_context.id = part.part_context join source on source.id = part.source where part.id = ?`,
    )
    .get(part)
  if (own === null) return []
  const [order, than] = side === "before" ? ["desc", "<"] : ["asc", ">"]
  return database
    .query<{ id: number }, [string, number, number, string | null, number]>(
      `select search.rowid as id from search join part on part.id = search.rowid join source on source.id = part.source
       where search match ? and search.rowid ${than} ?
         and (source.id = ? or (source.document = ? and source.state <> 'superseded'))
       order by search.rowid ${order} limit ?`,
    )
    .all(
      `"${tags.session(own.session)}" NOT "${tags.hidden}"`,
      part,
      own.source,
      own.former ? null : own.document,
      count,
    )
    .map(({ id }) => id)
}
