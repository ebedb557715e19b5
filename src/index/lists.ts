import type { Database } from "../system/database.ts"
import { everyRow, type Filters, filterWords } from "./filters.ts"
import type { IndexedPart, Parts } from "./hits.ts"

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

/** How far apart in the index two parts may be that stand beside one another in a file. */
const farthest = 400
/** So many blocks are looked at one by one for a list. */
const mostBlocks = 60

interface Numbered {
  readonly id: number
  readonly time: number | null
}
interface Block {
  readonly first: number
  readonly last: number
  readonly late: number
}

/** Lists that need no query: the newest first. */
export class Lists {
  readonly #database: Database
  readonly #parts: Parts
  readonly #blocks
  readonly #within
  readonly #all

  constructor(database: Database, parts: Parts) {
    this.#database = database
    this.#parts = parts
    this.#blocks = database.query<Block, [number]>(
      "select first, last, late from block indexed by block_time where late is not null and early < ? order by late desc",
    )
    this.#within = database.query<Numbered, [string, number, number, number, number]>(
      `select words.rowid as id, part.time as time from words join part on part.id = words.rowid
       where words match ? and words.rowid between ? and ? and part.time >= ? and part.time < ?`,
    )
    this.#all = database.query<Numbered, [string, number | null, number | null, number]>(
      `select words.rowid as id, part.time as time from words join part on part.id = words.rowid
       where words match ?1 and (?2 is null or part.time >= ?2) and (?3 is null or part.time < ?3)
       order by part.time desc, id desc limit ?4`,
    )
  }

  /** The newest parts of the conversations themselves, by their own time. */
  recent(filters: Filters, limit: number): IndexedPart[] {
    return this.#newest(filters, limit)
  }

  commands(filters: Filters, limit: number): CommandRun[] {
    return this.#newest({ ...filters, commands: true }, limit).map((call) => {
      return { call, result: this.#answer(call.part) }
    })
  }

  failures(filters: Filters, limit: number, following = 3): Failure[] {
    return this.#newest({ ...filters, errors: true }, limit).map((result) => ({
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
      .map(({ used, ...file }) => ({
        ...file,
        tools: (used ?? "")
          .split(",")
          .filter((tool) => tool !== "")
          .sort(),
      }))
  }

  /**
   * Parts are numbered as they were read, not by their times. So the blocks that reach into the latest times are
   * looked at first; only where what is wanted is rare is everything that fits put in order.
   */
  #newest(filters: Filters, limit: number): IndexedPart[] {
    const match = this.#ids(filters)
    if (match === null) return []
    const { since = Number.MIN_SAFE_INTEGER, until = Number.MAX_SAFE_INTEGER } = filters
    const found: Numbered[] = []
    let looked = 0
    for (const block of this.#blocks.iterate(until)) {
      found.sort(newestFirst)
      const last = found[limit - 1]
      if (block.late < since || (last !== undefined && block.late < (last.time ?? 0))) {
        return this.#some(found, limit)
      }
      if (++looked > mostBlocks) break
      found.push(...this.#within.all(match, block.first, block.last, since, until))
    }
    return this.#some(this.#all.all(match, filters.since ?? null, filters.until ?? null, limit), limit)
  }

  #some(found: Numbered[], limit: number): IndexedPart[] {
    return found.slice(0, limit).flatMap(({ id }) => this.#parts.get(id) ?? [])
  }

  #ids(filters: Filters): string | null {
    const all = filterWords(this.#database, filters)
    if (all === null) return null
    return all.length === 0 ? everyRow : all.join(" AND ")
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
      .all(part, part - farthest, part + farthest, count)
      .map(({ id }) => id)
      .sort((a, b) => a - b)
      .flatMap((id) => this.#parts.get(id) ?? [])
  }
}

function newestFirst(a: Numbered, b: Numbered): number {
  return (b.time ?? 0) - (a.time ?? 0) || b.id - a.id
}
