import type { Database } from "../system/database.ts"
import { type Filters, filterWords } from "./filters.ts"
import type { IndexedPart, Parts } from "./hits.ts"
import { tags } from "./tags.ts"

/** A shell command that was run, and how that went. */
export interface CommandRun {
  readonly call: IndexedPart
  /** null: no result is known. */
  readonly result: IndexedPart | null
}

/** A tool's failure, the call it answers, and what was done next in the same file. */
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

const pageLength = 400

/** Lists that need no query: the newest first. */
export class Lists {
  readonly #database: Database
  readonly #parts: Parts
  readonly #page

  constructor(database: Database, parts: Parts) {
    this.#database = database
    this.#parts = parts
    this.#page = database.query<{ id: number; time: number | null }, [string, number, number]>(
      `select words.rowid as id, part.time as time from words join part on part.id = words.rowid
       where words match ? and words.rowid < ? order by words.rowid desc limit ?`,
    )
  }

  /** The newest parts of the conversations themselves, by their own time. */
  recent(filters: Filters, limit: number): IndexedPart[] {
    return this.#newest(filters, [], limit)
  }

  commands(filters: Filters, limit: number): CommandRun[] {
    return this.#newest({ ...filters, commands: true }, [], limit).map((call) => {
      return { call, result: this.#answer(call.part) }
    })
  }

  failures(filters: Filters, limit: number, following = 3): Failure[] {
    return this.#newest({ ...filters, errors: true }, [], limit).map((result) => ({
      result,
      call: result.answers === null ? null : this.#parts.get(result.answers),
      next: this.#beside(result.part, following, ">"),
    }))
  }

  /** Files that tools' calls name, the one touched last first. */
  files(filters: Filters, limit: number): TouchedFile[] {
    const ids = this.#ids({ ...filters, files: true })
    if (ids === null) return []
    return this.#database
      .query<TouchedFile & { used: string }, [string, number, number, number]>(
        `select path.value as path, count(*) as times, count(distinct setting.session) as sessions,
           max(part.time) as last, group_concat(distinct tool.value) as used
         from words join part on part.id = words.rowid join touched on touched.part = part.id
           join name path on path.id = touched.path join setting on setting.id = part.setting
           left join name tool on tool.id = part.tool
         where words match ? and (part.time >= ? or ?2 = 0) and (part.time < ? or part.time is null)
         group by touched.path order by last desc, path limit ?`,
      )
      .all(ids, filters.since ?? 0, filters.until ?? Number.MAX_SAFE_INTEGER, limit)
      .map(({ used, ...file }) => ({ ...file, tools: (used ?? "").split(",").filter((tool) => tool !== "") }))
  }

  /**
   * Parts are numbered as they were read, which is nearly the order of their times. More than are wanted are looked
   * at, and of the blocks all that reach into the time of the oldest of them.
   */
  #newest(filters: Filters, words: readonly string[], limit: number): IndexedPart[] {
    const match = this.#ids(filters, words)
    if (match === null) return []
    const { since, until } = filters
    const found: { id: number; time: number | null }[] = []
    const fits = ({ time }: { time: number | null }) =>
      (since === undefined || (time !== null && time >= since)) &&
      (until === undefined || (time !== null && time < until))
    let before = Number.MAX_SAFE_INTEGER
    for (;;) {
      const page = this.#page.all(match, before, pageLength)
      found.push(...page.filter(fits))
      before = page.at(-1)?.id ?? 0
      if (page.length < pageLength) break
      found.sort(newestFirst)
      found.length = Math.min(found.length, Math.max(limit, pageLength))
      const oldest = found[limit - 1]?.time
      const latest = this.#latestBefore(before)
      if (oldest !== undefined && (latest === null || (oldest !== null && latest < oldest))) break
      if (latest === null || (since !== undefined && latest < since)) break
    }
    return found
      .sort(newestFirst)
      .slice(0, limit)
      .flatMap(({ id }) => this.#parts.get(id) ?? [])
  }

  /** The latest time of any part with a smaller number. */
  #latestBefore(id: number): number | null {
    const query = this.#database.query<{ late: number | null }, [number]>(
      "select late from block indexed by block_time where first < ? order by late desc limit 1",
    )
    return query.get(id)?.late ?? null
  }

  #ids(filters: Filters, words: readonly string[] = []): string | null {
    const all = filterWords(this.#database, filters)
    return all === null ? null : [`"${tags.every}"`, ...words, ...all].join(" AND ")
  }

  #answer(call: number): IndexedPart | null {
    const query = this.#database.query<{ id: number }, [number]>(
      "select id from part where answers = ? limit 1",
    )
    const row = query.get(call)
    return row === null ? null : this.#parts.get(row.id)
  }

  around(part: number, before: number, after: number): IndexedPart[] {
    const own = this.#parts.get(part)
    return own === null ? [] : [...this.#beside(part, before, "<"), own, ...this.#beside(part, after, ">")]
  }

  /** What stands before or behind a part in the same file, in order. */
  #beside(part: number, count: number, side: "<" | ">"): IndexedPart[] {
    return this.#database
      .query<{ id: number }, [number, number, number, number]>(
        `select id from part where id > ?2 and id < ?3 and id ${side} ?1
           and source = (select source from part where id = ?1)
         order by id ${side === "<" ? "desc" : "asc"} limit ?4`,
      )
      .all(part, part - pageLength, part + pageLength, count)
      .map(({ id }) => id)
      .sort((a, b) => a - b)
      .flatMap((id) => this.#parts.get(id) ?? [])
  }
}

function newestFirst(a: { id: number; time: number | null }, b: { id: number; time: number | null }): number {
  return (b.time ?? 0) - (a.time ?? 0) || b.id - a.id
}
