import type { Database } from "../../system/sqlite/database.ts"
import { matchOf, type Query } from "../query/ast.ts"
import { everyRowExpression, type Filters, withVisibility } from "../query/filters.ts"
import { tags } from "../store/filter-tags.ts"

/** For each part: the number of matches in each row with a match. */
type RowCounts = ReadonlyMap<number, ReadonlyMap<number, number>>

const longRowExpression = `"${tags.long}"`
const noRows: RowCounts = new Map()

/** The expression, restricted to rows that are not part of a long text. */
export function withoutLongTexts(match: string): string {
  return `(${match}) NOT ${longRowExpression}`
}

/**
 * Matches in texts of several rows. The terms of a query must be in the same text, but may be in different rows: each
 * phrase is looked up separately.
 */
export class LongMatches {
  readonly #rows
  readonly #any
  readonly #owner
  readonly #next

  constructor(database: Database) {
    this.#rows = database.query<{ id: number }, [string]>(
      "select rowid as id from search where search match ? order by rowid",
    )
    this.#any = database.query<{ id: number }, [string]>(
      "select rowid as id from search where search match ? limit 1",
    )
    this.#owner = database.query<{ id: number; time: number | null }, [number]>(
      "select id, time from part where id <= ? order by id desc limit 1",
    )
    this.#next = database.query<{ id: number }, [number]>(
      "select id from part where id > ? order by id limit 1",
    )
  }

  /** Whether there are any long texts. */
  get hasAny(): boolean {
    return this.#any.get(longRowExpression) !== null
  }

  /** The matching parts, each with its row that has the most matches. `words`: the filters' expressions. */
  of(query: Query | null, words: readonly string[], filters: Filters): Map<number, number> {
    const { since = Number.MIN_SAFE_INTEGER, until = Number.MAX_SAFE_INTEGER } = filters
    const found = this.#matching(query, [withVisibility(longRowExpression, filters), ...words])
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

  #matching(query: Query | null, words: readonly string[]): RowCounts {
    if (query === null) return this.#owners([everyRowExpression, ...words].join(" AND "))
    if (query.kind === "any")
      return query.terms.map((each) => this.#matching(each, words)).reduce(mergeCounts, noRows)
    if (query.kind !== "all")
      return this.#owners([matchOf(query, everyRowExpression), ...words].join(" AND "))
    const [first = null, ...others] = query.terms
    let found = this.#matching(first, words)
    for (const each of others) {
      const more = this.#matching(each, words)
      found = mergeCounts(
        filterParts(found, (part) => more.has(part)),
        filterParts(more, (part) => found.has(part)),
      )
    }
    for (const each of query.not) {
      const without = this.#matching(each, words)
      found = filterParts(found, (part) => !without.has(part))
    }
    return found
  }

  #owners(match: string): RowCounts {
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

function filterParts(found: RowCounts, fits: (part: number) => boolean): RowCounts {
  return new Map([...found].filter(([part]) => fits(part)))
}

function mergeCounts(a: RowCounts, b: RowCounts): RowCounts {
  const sum = new Map(a)
  for (const [part, rows] of b) {
    const both = new Map(sum.get(part))
    for (const [row, count] of rows) both.set(row, (both.get(row) ?? 0) + count)
    sum.set(part, both)
  }
  return sum
}
