import type { RecordParts } from "../session/part.ts"
import type { Database } from "../system/database.ts"
import type { Carry } from "./carry.ts"
import { numberOf } from "./identity.ts"
import type { RecordPlace } from "./rows.ts"

interface Held {
  readonly part: number
  readonly source: number
  readonly offset: number
  readonly length: number
  readonly state: "present" | "missing" | "former"
}

interface Seen {
  readonly place: RecordPlace
  readonly session: number
  readonly record: RecordParts
  readonly next: number
}

/** Tells records that are met again from new ones, and remembers where else they lie. */
export class Sightings {
  readonly #see
  readonly #held
  readonly #replace
  readonly #move
  readonly #sight
  readonly #calls
  readonly #twin
  readonly #repeated = new Map<number, number>()
  #range: { of: number; from: number; to: number } | null = null
  #exact = true

  constructor(database: Database) {
    this.#see = database.query("insert or ignore into seen (session, record, part) values (?, ?, ?)")
    this.#held = database.query<Held, [number, number]>(
      `select seen.part, part.source, part.offset, part.length, source.state from seen
       join part on part.id = seen.part join source on source.id = part.source
       where seen.session = ? and seen.record = ?`,
    )
    this.#replace = database.query("update seen set part = ? where session = ? and record = ?")
    this.#move = database.query(
      "update part set source = ?, offset = ?, length = ? where id >= ? and id < ? and source = ? and offset = ?",
    )
    this.#sight = database.query("insert into sighting (part, source, offset, length) values (?, ?, ?, ?)")
    this.#calls = database.query<{ tool: number | null }, [number]>("select tool from part where id = ?")
    this.#twin = database.query("insert into twin (source, of, early, late) values (?, ?, ?, ?)")
  }

  /**
   * true: the record is new, its first part to be `next`; all its parts bear consecutive numbers. `sum`: of its
   * bytes, for a record without a name of its own: that one is known by them, and by how often they came before.
   */
  isNew(seen: Seen, carry: Carry, sum: () => number): boolean {
    if (seen.record.id !== null) return this.#isNewAs(numberOf(seen.record.id), seen, carry) === "new"
    const bytes = sum()
    for (;;) {
      const times = this.#repeated.get(bytes) ?? 0
      this.#repeated.set(bytes, times + 1)
      const is = this.#isNewAs(numberOf(`${bytes} ${times}`, 1), seen, carry)
      if (is !== "earlier here") return is === "new"
    }
  }

  /** How much of a kept text is known from that place on; 0 when nothing is. */
  knownFrom(session: number, id: string): number {
    const held = this.#held.get(session, numberOf(id))
    return held?.state === "present" ? held.length : 0
  }

  #isNewAs(number: number, { place, session, record, next }: Seen, carry: Carry) {
    if (this.#see.run(session, number, next).changes === 1) return "new"
    const held = this.#held.get(session, number)
    if (held === null || (held.state !== "present" && held.length !== place.length)) {
      this.#replace.run(next, session, number)
      return "new"
    }
    for (const [index, part] of record.parts.entries()) {
      if (part.kind === "tool_use" && part.call !== undefined) {
        carry.called(part.call, held.part + index, this.#calls.get(held.part + index)?.tool ?? null)
      }
    }
    if (held.source === place.source) return held.offset === place.offset ? "known" : "earlier here"
    this.#again(held, place, record.parts.length)
    return "known"
  }

  #again(held: Held, { source, offset, length }: RecordPlace, parts: number): void {
    if (held.state !== "present") {
      this.#move.run(source, offset, length, held.part, held.part + parts, held.source, held.offset)
      return
    }
    const range = this.#range
    const same = held.offset === offset && held.length === length
    if (same && range === null && this.#exact)
      this.#range = { of: held.source, from: offset, to: offset + length }
    else if (same && range?.of === held.source && this.#exact) range.to = offset + length
    else {
      this.#exact = false
      this.#sight.run(held.part, source, offset, length)
    }
  }

  begin(): void {
    this.#repeated.clear()
    this.#range = null
    this.#exact = true
  }

  /** A file's records all lie where another's do, as long as nothing else comes between: one row says so. */
  pause(source: number): void {
    if (this.#range !== null) this.#twin.run(source, this.#range.of, this.#range.from, this.#range.to)
    this.#range = null
  }
}
