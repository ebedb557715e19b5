import type { Database } from "../../system/sqlite/database.ts"
import type { Filters } from "../query/filters.ts"
import { kindOf } from "../store/filter-tags.ts"
import type { LooseTerm } from "./loose-terms.ts"

export interface LoosePart {
  readonly id: number
  readonly session: number
  readonly size: number
  readonly kind: number
  readonly time: number
  /** One bit for each term found in the part. */
  mask: number
}

type Row = [id: number, part: number | null, session: number | null, size: number, kind: number, time: number]

/** Rows read in total, the newest of each term; bounds the time. */
const maxRows = 24_000
/** Of the terms found in more rows than were read, this many are also searched for in pairs. */
const maxPairedTerms = 4
const maxRowsOfPair = 500

const columns = `select search.rowid, part.id, part_context.session, part.size, part.kind, coalesce(part.time, 0)
  from search left join part on part.id = search.rowid left join part_context on part_context.id = part.part_context`

/** Parts that contain at least one of the terms; the newest of them when there are too many. */
export class LooseRows {
  readonly parts = new Map<number, LoosePart>()
  readonly #filters: Filters
  readonly #rows
  readonly #owner

  constructor(database: Database, filters: Filters) {
    this.#filters = filters
    this.#rows = database.query<Row, [string, number]>(
      `${columns} where search match ? order by search.rowid desc limit ?`,
    )
    this.#owner = database.query<Row, [number]>(
      `select part.id, part.id, part_context.session, part.size, part.kind, coalesce(part.time, 0)
       from part join part_context on part_context.id = part.part_context where part.id <= ? order by part.id desc limit 1`,
    )
  }

  /** `terms`: the rarest first. `narrowed`: adds the filters to an expression. */
  read(terms: readonly LooseTerm[], narrowed: (match: string) => string): void {
    let left = maxRows
    const cut: number[] = []
    for (const [index, { match, count }] of terms.entries()) {
      const share = Math.ceil(left / (terms.length - index))
      left -= this.#add(narrowed(match), 1 << index, share)
      if (count > share) cut.push(index)
    }
    const paired = cut.slice(0, maxPairedTerms)
    for (const [at, a] of paired.entries()) {
      for (const b of paired.slice(at + 1)) {
        const both = `${terms[a]?.match} AND ${terms[b]?.match}`
        this.#add(narrowed(both), (1 << a) | (1 << b), maxRowsOfPair)
      }
    }
  }

  #add(match: string, mask: number, most: number): number {
    const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = this.#filters
    const isTimed = this.#filters.since !== undefined || this.#filters.until !== undefined
    const found = this.#rows.values(match, most) as Row[]
    for (const row of found) {
      // later rows of a long text have no part: use the part before them
      const [, id, session, size, kind, time] =
        row[1] === null ? ((this.#owner.values(row[0]) as Row[])[0] ?? row) : row
      if (id === null || session === null || this.#filters.exclude?.has(id)) continue
      if (kindOf(kind) === "title" && this.#filters.kind !== "title") continue // titles are searched separately
      if (isTimed && (time < since || time >= until)) continue
      const known = this.parts.get(id)
      if (known === undefined) this.parts.set(id, { id, session, size, kind, time, mask })
      else known.mask |= mask
    }
    return found.length
  }
}
