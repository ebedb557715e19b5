import type { Database } from "../../system/sqlite/database.ts"
import { type Filters, filtersExpression } from "../query/filters.ts"

/** Blocks searched one by one before all matching parts are sorted. */
const maxBlocks = 60

interface Numbered {
  readonly id: number
  readonly time: number | null
}
interface Block {
  readonly first: number
  readonly last: number
  readonly maxTime: number
}

/**
 * Parts by their own time. Part ids follow the order of reading, so the blocks with the latest times are searched
 * first; all matching parts are sorted only when matches are rare.
 */
export class NewestParts {
  readonly #database: Database
  readonly #blocks
  readonly #within
  readonly #all

  constructor(database: Database) {
    this.#database = database
    this.#blocks = database.query<Block, [number, number]>(
      `select first, last, max_time as maxTime from block indexed by block_time
       where max_time is not null and min_time < ? order by max_time desc limit ?`,
    )
    this.#within = database.query<Numbered, [string, number, number, number, number]>(
      `select search.rowid as id, part.time as time from search join part on part.id = search.rowid
       where search match ? and search.rowid between ? and ? and part.time >= ? and part.time < ?`,
    )
    this.#all = database.query<Numbered, [string, number | null, number | null, number]>(
      `select search.rowid as id, part.time as time from search join part on part.id = search.rowid
       where search match ?1 and (?2 is null or part.time >= ?2) and (?3 is null or part.time < ?3)
       order by part.time desc, id desc limit ?4`,
    )
  }

  /** Ids of the newest matching parts, the newest first. */
  of(filters: Filters, limit: number): number[] {
    const match = filtersExpression(this.#database, filters)
    if (match === null) return []
    const { since = Number.MIN_SAFE_INTEGER, until = Number.MAX_SAFE_INTEGER } = filters
    const found: Numbered[] = []
    const blocks = this.#blocks.all(until, maxBlocks)
    for (const [index, { first, last, maxTime }] of blocks.entries()) {
      const oldest = found[limit - 1]
      if (maxTime < since || (oldest !== undefined && maxTime < (oldest.time ?? 0)))
        return firstIds(found, limit)
      found.push(...this.#within.all(match, first, last, since, until))
      found.sort(newestFirst)
      if (index === blocks.length - 1 && blocks.length < maxBlocks && found.length >= limit) {
        return firstIds(found, limit)
      }
    }
    return firstIds(this.#all.all(match, filters.since ?? null, filters.until ?? null, limit), limit)
  }
}

function firstIds(found: readonly Numbered[], limit: number): number[] {
  return found.slice(0, limit).map(({ id }) => id)
}

function newestFirst(a: Numbered, b: Numbered): number {
  return (b.time ?? 0) - (a.time ?? 0) || b.id - a.id
}
