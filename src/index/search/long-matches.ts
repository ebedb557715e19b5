import type { Database } from "../../system/sqlite/database.ts"
import { matchOf, type Query } from "../query/ast.ts"
import { everyRow, type Filters, visible } from "../query/filters.ts"
import { tags } from "../store/filter-tags.ts"

/** A part, and of those of its rows in which something was found, how often. */
type Found = ReadonlyMap<number, ReadonlyMap<number, number>>

const isLong = `"${tags.long}"`
const nothing: Found = new Map()

/** Expressions that hold for no row of a long text. */
export function exceptLong(match: string): string {
  return `(${match}) NOT ${isLong}`
}

/**
 * Texts that have several rows. What has to stand in one text need not stand in one of its rows: each phrase is
 * looked up by itself.
 */
export class LongMatches {
  readonly #rows
  readonly #any
  readonly #owner
  readonly #next

  constructor(database: Database) {
    this.#rows = database.query<{ id: number }, [string]>(
      "select rowid as id from words where words match ? order by rowid",
    )
    this.#any = database.query<{ id: number }, [string]>(
      "select rowid as id from words where words match ? limit 1",
    )
    this.#owner = database.query<{ id: number; time: number | null }, [number]>(
      "select id, time from part where id <= ? order by id desc limit 1",
    )
    this.#next = database.query<{ id: number }, [number]>(
      "select id from part where id > ? order by id limit 1",
    )
  }

  /** Whether there are any such texts. */
  get exist(): boolean {
    return this.#any.get(isLong) !== null
  }

  /** The parts that fit, each with the row in which most of what was searched for stands. `words`: of the filters. */
  of(query: Query | null, words: readonly string[], filters: Filters): Map<number, number> {
    const { since = Number.MIN_SAFE_INTEGER, until = Number.MAX_SAFE_INTEGER } = filters
    const found = this.#matching(query, [visible(isLong, filters), ...words])
    const isTimed = filters.since !== undefined || filters.until !== undefined
    const best = new Map<number, number>()
    for (const [part, rows] of found) {
      const time = this.#owner.get(part)?.time ?? null
      if (isTimed && (time === null || time < since || time >= until)) continue
      const [row = part] = [...rows].reduce((a, b) => (b[1] > a[1] ? b : a), [part, 0])
      best.set(part, row)
    }
    return best
  }

  #matching(query: Query | null, words: readonly string[]): Found {
    if (query === null) return this.#owners([everyRow, ...words].join(" AND "))
    if (query.kind === "any")
      return query.of.map((each) => this.#matching(each, words)).reduce(added, nothing)
    if (query.kind !== "all") return this.#owners([matchOf(query, everyRow), ...words].join(" AND "))
    const [first = null, ...others] = query.of
    let found = this.#matching(first, words)
    for (const each of others) {
      const more = this.#matching(each, words)
      found = added(
        only(found, (part) => more.has(part)),
        only(more, (part) => found.has(part)),
      )
    }
    for (const each of query.not) {
      const without = this.#matching(each, words)
      found = only(found, (part) => !without.has(part))
    }
    return found
  }

  #owners(match: string): Found {
    const found = new Map<number, Map<number, number>>()
    let rows = new Map<number, number>()
    let next = 0
    for (const { id } of this.#rows.iterate(match)) {
      if (id >= next) {
        const part = this.#owner.get(id)?.id ?? id
        next = this.#next.get(part)?.id ?? Number.POSITIVE_INFINITY
        rows = new Map()
        found.set(part, rows)
      }
      rows.set(id, 1)
    }
    return found
  }
}

function only(found: Found, fits: (part: number) => boolean): Found {
  return new Map([...found].filter(([part]) => fits(part)))
}

function added(a: Found, b: Found): Found {
  const sum = new Map(a)
  for (const [part, rows] of b) {
    const both = new Map(sum.get(part))
    for (const [row, count] of rows) both.set(row, (both.get(row) ?? 0) + count)
    sum.set(part, both)
  }
  return sum
}
