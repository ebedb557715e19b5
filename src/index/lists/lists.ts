import type { Database } from "../../system/sqlite/database.ts"
import type { IndexedPart } from "../model/indexed-part.ts"
import { type Filters, matchingAll } from "../query/filters.ts"
import { Newest } from "../search/newest.ts"
import type { Parts } from "../search/parts.ts"
import { tags } from "../store/filter-tags.ts"

/** A shell command that was run, and how that went. */
export interface CommandRun {
  readonly call: IndexedPart
  /** null: no result is known. */
  readonly result: IndexedPart | null
}

/** A tool's failure, the call it answers, and what was done next in the same conversation. */
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

/** So many parts may stand between a failure and what was done next. */
const mostBetween = 12

/** Lists that need no query: the newest first. */
export class Lists {
  readonly #database: Database
  readonly #parts: Parts
  readonly #newest: Newest
  readonly #answer

  constructor(database: Database, parts: Parts) {
    this.#database = database
    this.#parts = parts
    this.#newest = new Newest(database)
    this.#answer = database.query<{ id: number }, [number]>("select id from part where answers = ? limit 1")
  }

  recent(filters: Filters, limit: number): IndexedPart[] {
    return this.#all(this.#newest.of(filters, limit))
  }

  commands(filters: Filters, limit: number): CommandRun[] {
    return this.recent({ ...filters, commands: true }, limit).map((call) => {
      const answer = this.#answer.get(call.part)
      return { call, result: answer === null ? null : this.#parts.get(answer.id) }
    })
  }

  failures(filters: Filters, limit: number, following: number): Failure[] {
    return this.recent({ ...filters, errors: true }, limit).map((result) => ({
      result,
      call: result.answers === null ? null : this.#parts.get(result.answers),
      next: this.#done(result, following),
    }))
  }

  /** Files that tools' calls name, the one touched last first. */
  files(filters: Filters, limit: number): TouchedFile[] {
    const match = matchingAll(this.#database, { ...filters, files: true })
    if (match === null) return []
    return this.#database
      .query<TouchedFile & { used: string | null }, [string, number | null, number | null, number]>(
        `select path.value as path, count(*) as times, count(distinct setting.session) as sessions,
           max(part.time) as last, group_concat(distinct tool.value) as used
         from words join part on part.id = words.rowid join touched on touched.part = part.id
           join name path on path.id = touched.path join setting on setting.id = part.setting
           left join name tool on tool.id = part.tool
         where words match ?1 and (?2 is null or part.time >= ?2) and (?3 is null or part.time < ?3)
         group by touched.path order by last desc, path limit ?4`,
      )
      .all(match, filters.since ?? null, filters.until ?? null, limit)
      .map(({ used, ...file }) => ({ ...file, tools: used === null ? [] : used.split(",").sort() }))
  }

  /** Some of a session's parts, those behind one number. */
  ofSession(session: string, after: number): IndexedPart[] {
    const match = matchingAll(this.#database, { session, allParts: true })
    if (match === null) return []
    const sql = `select words.rowid as id from words join part on part.id = words.rowid
      where words match ? and words.rowid > ? order by words.rowid limit 500`
    const found = this.#database.query<{ id: number }, [string, number]>(sql).all(match, after)
    return this.#all(found.map(({ id }) => id))
  }

  around(part: number, before: number, after: number): IndexedPart[] {
    const earlier = neighbours(this.#database, part, "before", before).reverse()
    return this.#all([...earlier, part, ...neighbours(this.#database, part, "behind", after)])
  }

  /** Not what came of calls made before, nor what the client itself put between. */
  #done({ part }: IndexedPart, count: number): IndexedPart[] {
    if (count === 0) return []
    return this.#all(neighbours(this.#database, part, "behind", count + mostBetween))
      .filter(({ role, answers }) => role !== "system" && (answers === null || answers > part))
      .slice(0, count)
  }

  #all(ids: readonly number[]): IndexedPart[] {
    return ids.flatMap((id) => this.#parts.get(id) ?? [])
  }
}

/**
 * What stands before or behind a part in the same conversation, nearest first. That may have been read much later, and
 * from another file: an export ends where the client's own file goes on.
 */
export function neighbours(
  database: Database,
  part: number,
  side: "before" | "behind",
  count: number,
): number[] {
  const own = database
    .query<{ source: number; session: number; document: string; former: number }, [number]>(
      `select part.source, setting.session, source.document, source.state = 'former' as former from part
       join setting on setting.id = part.setting join source on source.id = part.source where part.id = ?`,
    )
    .get(part)
  if (own === null) return []
  const [order, than] = side === "before" ? ["desc", "<"] : ["asc", ">"]
  return database
    .query<{ id: number }, [string, number, number, string | null, number]>(
      `select words.rowid as id from words join part on part.id = words.rowid join source on source.id = part.source
       where words match ? and words.rowid ${than} ?
         and (source.id = ? or (source.document = ? and source.state <> 'former'))
       order by words.rowid ${order} limit ?`,
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
