import type { RecordParts } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { measures } from "../model/limits.ts"
import type { RecordPlace } from "../model/record-place.ts"
import { numberOf } from "../store/hashing.ts"
import type { Carry } from "./resume-state.ts"

interface Held {
  readonly part: number
  readonly source: number
  readonly offset: number
  readonly length: number
  readonly state: "present" | "missing" | "former"
  readonly sum: number
}

interface Seen {
  readonly place: RecordPlace
  readonly session: number
  readonly record: RecordParts
  readonly next: number
  /** Of its texts; null: they are not compared. */
  readonly texts: number | null
}

interface Stretch {
  readonly source: number
  readonly of: number
  readonly from: number
  to: number
}

/** Tells records that are met again from new ones, and remembers where else they lie. */
export class Sightings {
  readonly #see
  readonly #held
  readonly #replace
  readonly #move
  readonly #sight
  readonly #calls
  readonly #ofRecord
  readonly #twin
  readonly #keepTwins
  readonly #keepSightings
  readonly #repeated = new Map<number, number>()
  /** Records that lie in `source` where they lie in `of`, one behind another. */
  #stretch: Stretch | null = null
  /** Records whose rows went from `of`, which does not hold them any more, to `source`. */
  #kept: (Stretch & Pick<Held, "state">) | null = null
  #exact = true

  constructor(database: Database) {
    this.#see = database.query("insert or ignore into seen (session, record, part, sum) values (?, ?, ?, ?)")
    this.#held = database.query<Held, [number, number]>(
      `select seen.part, seen.sum, part.source, part.offset, part.length, source.state from seen
       join part on part.id = seen.part join source on source.id = part.source
       where seen.session = ? and seen.record = ?`,
    )
    this.#replace = database.query("update seen set part = ?, sum = ? where session = ? and record = ?")
    this.#move = database.query(
      "update part set source = ?, offset = ?, length = ? where id >= ? and id < ? and source = ? and offset = ?",
    )
    this.#sight = database.query("insert into sighting (part, source, offset, length) values (?, ?, ?, ?)")
    this.#calls = database.query<{ tool: number | null }, [number]>("select tool from part where id = ?")
    this.#ofRecord = database.query<{ id: number }, [number, number, number, number]>(
      "select id from part where id >= ? and source = ? and offset = ? order by id limit 1 offset ?",
    )
    this.#twin = database.query("insert into twin (source, of, early, late) values (?, ?, ?, ?)")
    this.#keepTwins = database.query(
      `insert into twin select source, ?1, max(early, ?3), min(late, ?4) from twin
       where of = ?2 and source <> ?1 and early < ?4 and late > ?3`,
    )
    this.#keepSightings = database.query(
      `insert into sighting select part.id, twin.source, part.offset, part.length from part
       join twin on twin.of = part.source and early <= part.offset and part.offset + part.length <= late
       where part.id >= ?1 and part.id < ?2 and part.source = ?3 and part.offset = ?4 and twin.source <> ?5`,
    )
  }

  /**
   * true: the record is new, its first part to be `next`; its parts are the next. `sum`: of its
   * bytes, for a record without a name of its own: that one is known by them, and by how often they came before.
   */
  isNew(seen: Seen, carry: Carry, sum: () => number): boolean {
    const { id } = seen.record
    if (id !== null) {
      const is = this.#isNewAs(numberOf(id), seen, carry)
      // one name, another text: written again while it grew, or after it was edited; both were said
      if (is === "other text") return this.#isNewAs(numberOf(`${id} ${seen.texts}`), seen, carry) === "new"
      return is === "new"
    }
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

  /** Whether a record of that name is known in the session. */
  knows(session: number, id: string): boolean {
    return this.#held.get(session, numberOf(id)) !== null
  }

  #isNewAs(number: number, { place, session, record, next, texts }: Seen, carry: Carry) {
    if (this.#see.run(session, number, next, texts ?? 0).changes === 1) return this.#new()
    const held = this.#held.get(session, number)
    if (held === null || (held.state !== "present" && held.length !== place.length)) {
      this.#replace.run(next, texts ?? 0, session, number)
      return this.#new()
    }
    if (texts !== null && held.sum !== texts && record.id !== null) return "other text" as const
    for (const [index, part] of record.parts.entries()) {
      if (part.kind === "tool_use" && part.call !== undefined) {
        const id = this.#numberOf(held, index)
        carry.called(part.call, id, this.#calls.get(id)?.tool ?? null, part.ours === true)
      }
    }
    if (held.source === place.source) return held.offset === place.offset ? "known" : "earlier here"
    this.#again(held, place, record.parts.length)
    return "known"
  }

  /** Of one of its parts: they bear consecutive numbers, but where a text has several rows. */
  #numberOf({ part, source, offset, length }: Held, index: number): number {
    if (length <= measures.line) return part + index
    return this.#ofRecord.get(part, source, offset, index)?.id ?? part + index
  }

  /** What stands between records that lie elsewhere too ends their stretch. */
  #new() {
    this.pause()
    return "new" as const
  }

  #again(held: Held, { source, offset, length }: RecordPlace, parts: number): void {
    const same = held.offset === offset && held.length === length
    if (held.state !== "present") {
      const end = held.part + parts + mostRows(held.length)
      this.#endStretch()
      if (same) this.#stretchKept(held, source)
      else {
        this.#endKept()
        this.#keepSightings.run(held.part, end, held.source, held.offset, source)
        if (held.state === "missing") this.#sight.run(held.part, held.source, held.offset, held.length)
      }
      this.#move.run(source, offset, length, held.part, end, held.source, held.offset)
      return
    }
    this.#endKept()
    if (same && this.#stretch === null && this.#exact)
      this.#stretch = { source, of: held.source, from: offset, to: offset + length }
    else if (same && this.#stretch?.of === held.source && this.#exact) this.#stretch.to = offset + length
    else {
      this.#exact = false
      this.#sight.run(held.part, source, offset, length)
    }
  }

  /** Where else a record lies stays true when its rows go to another file. */
  #stretchKept({ source: of, offset, length, state }: Held, source: number): void {
    if (this.#kept?.of !== of) this.#endKept()
    this.#kept ??= { source, of, from: offset, to: offset, state }
    this.#kept.to = offset + length
  }

  #endKept(): void {
    if (this.#kept === null) return
    const { source, of, from, to, state } = this.#kept
    this.#keepTwins.run(source, of, from, to)
    if (state === "missing") this.#twin.run(of, source, from, to) // it may come back as it was
    this.#kept = null
  }

  #endStretch(): void {
    if (this.#stretch === null) return
    const { source, of, from, to } = this.#stretch
    this.#twin.run(source, of, from, to)
    this.#stretch = null
  }

  begin(): void {
    this.#repeated.clear()
    this.#stretch = null
    this.#kept = null
    this.#exact = true
  }

  /** A file's records all lie where another's do, as long as nothing else comes between: one row says so. */
  pause(): void {
    this.#endStretch()
    this.#endKept()
  }
}

/** So many rows, at most, its texts may have beyond one for each part. */
function mostRows(length: number): number {
  return length <= measures.line ? 0 : Math.ceil((4 * length) / measures.stretch)
}
