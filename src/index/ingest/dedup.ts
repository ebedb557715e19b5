import type { RecordParts } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { limits } from "../model/limits.ts"
import type { RecordLocation } from "../model/record-place.ts"
import { hash53 } from "../store/hashing.ts"
import type { ResumeState } from "./resume-state.ts"

interface KnownRecord {
  readonly part: number
  readonly source: number
  readonly offset: number
  readonly length: number
  readonly state: "present" | "missing" | "superseded"
  readonly sum: number
}

interface IncomingRecord {
  readonly place: RecordLocation
  readonly session: number
  readonly record: RecordParts
  readonly nextPart: number
  /** Checksum of its texts; null: texts are not compared. */
  readonly textSum: number | null
}

interface OverlapRun {
  readonly source: number
  readonly original: number
  readonly from: number
  to: number
}

/**
 * Recognizes records that were read before, and stores where else they are. A record is identified by its id, or by
 * its bytes when it has none. A run of records at identical offsets in two files is stored as one overlap row; any
 * other repeat gets a location row of its own.
 */
export class Deduplicator {
  readonly #addKey
  readonly #findKnown
  readonly #replaceKey
  readonly #moveParts
  readonly #addLocation
  readonly #findTool
  readonly #findNthPart
  readonly #addOverlap
  readonly #copyOverlaps
  readonly #copyLocations
  readonly #occurrences = new Map<number, number>()
  /** The current run of records at identical offsets in `source` and `original`. */
  #overlap: OverlapRun | null = null
  /** The current run of records whose rows were moved to `source` because `original` no longer contains them. */
  #movedRun: (OverlapRun & Pick<KnownRecord, "state">) | null = null
  #aligned = true

  constructor(database: Database) {
    this.#addKey = database.query(
      "insert or ignore into record_key (session, record, part, sum) values (?, ?, ?, ?)",
    )
    this.#findKnown = database.query<KnownRecord, [number, number]>(
      `select record_key.part, record_key.sum, part.source, part.offset, part.length, source.state from record_key
       join part on part.id = record_key.part join source on source.id = part.source
       where record_key.session = ? and record_key.record = ?`,
    )
    this.#replaceKey = database.query(
      "update record_key set part = ?, sum = ? where session = ? and record = ?",
    )
    this.#moveParts = database.query(
      "update part set source = ?, offset = ?, length = ? where id >= ? and id < ? and source = ? and offset = ?",
    )
    this.#addLocation = database.query(
      "insert into record_location (part, source, offset, length) values (?, ?, ?, ?)",
    )
    this.#findTool = database.query<{ tool: number | null }, [number]>("select tool from part where id = ?")
    this.#findNthPart = database.query<{ id: number }, [number, number, number, number]>(
      "select id from part where id >= ? and source = ? and offset = ? order by id limit 1 offset ?",
    )
    this.#addOverlap = database.query(
      "insert into source_overlap (source, original, from_offset, to_offset) values (?, ?, ?, ?)",
    )
    this.#copyOverlaps = database.query(
      `insert into source_overlap select source, ?1, max(from_offset, ?3), min(to_offset, ?4) from source_overlap
       where original = ?2 and source <> ?1 and from_offset < ?4 and to_offset > ?3`,
    )
    this.#copyLocations = database.query(
      `insert into record_location select part.id, source_overlap.source, part.offset, part.length from part
       join source_overlap on source_overlap.original = part.source and from_offset <= part.offset
         and part.offset + part.length <= to_offset
       where part.id >= ?1 and part.id < ?2 and part.source = ?3 and part.offset = ?4 and source_overlap.source <> ?5`,
    )
  }

  /**
   * Whether the record is new; its parts then get consecutive ids from `nextPart`. `sum`: checksum of its bytes.
   * A record without an id is identified by that and by how often the same bytes came before in the file.
   */
  isNew(incoming: IncomingRecord, carry: ResumeState, sum: () => number): boolean {
    const { id } = incoming.record
    if (id !== null) {
      const is = this.#check(hash53(id), incoming, carry)
      // same id, different text: the record was written again while it grew or was edited; both are kept
      if (is === "other text")
        return this.#check(hash53(`${id} ${incoming.textSum}`), incoming, carry) === "new"
      return is === "new"
    }
    const bytes = sum()
    for (;;) {
      const times = this.#occurrences.get(bytes) ?? 0
      this.#occurrences.set(bytes, times + 1)
      const is = this.#check(hash53(`${bytes} ${times}`, 1), incoming, carry)
      if (is !== "earlier here") return is === "new"
    }
  }

  /** Bytes of a tool-output chunk that are indexed already; 0 when none are. */
  knownLength(session: number, id: string): number {
    const held = this.#findKnown.get(session, hash53(id))
    return held?.state === "present" ? held.length : 0
  }

  /** Whether the session has a record with this id. */
  hasRecord(session: number, id: string): boolean {
    return this.#findKnown.get(session, hash53(id)) !== null
  }

  #check(number: number, { place, session, record, nextPart, textSum }: IncomingRecord, carry: ResumeState) {
    if (this.#addKey.run(session, number, nextPart, textSum ?? 0).changes === 1) return this.#endRunAsNew()
    const held = this.#findKnown.get(session, number)
    if (held === null || (held.state !== "present" && held.length !== place.length)) {
      this.#replaceKey.run(nextPart, textSum ?? 0, session, number)
      return this.#endRunAsNew()
    }
    if (textSum !== null && held.sum !== textSum && record.id !== null) return "other text" as const
    for (const [index, part] of record.parts.entries()) {
      if (part.kind === "tool_use" && part.call !== undefined) {
        const id = this.#partNumber(held, index)
        carry.addCall(part.call, id, this.#findTool.get(id)?.tool ?? null, part.bySessionRescue === true)
      }
    }
    if (held.source === place.source) return held.offset === place.offset ? "known" : "earlier here"
    this.#addRepeat(held, place, record.parts.length)
    return "known"
  }

  /** Id of the record's nth part. Ids are consecutive unless a text takes several rows. */
  #partNumber({ part, source, offset, length }: KnownRecord, index: number): number {
    if (length <= limits.lineBytes) return part + index
    return this.#findNthPart.get(part, source, offset, index)?.id ?? part + index
  }

  /** A new record ends the run of repeated ones. */
  #endRunAsNew() {
    this.endRuns()
    return "new" as const
  }

  #addRepeat(held: KnownRecord, { source, offset, length }: RecordLocation, parts: number): void {
    const same = held.offset === offset && held.length === length
    if (held.state !== "present") {
      const end = held.part + parts + maxExtraRows(held.length)
      this.#endOverlap()
      if (same) this.#extendMovedRun(held, source)
      else {
        this.#endMovedRun()
        this.#copyLocations.run(held.part, end, held.source, held.offset, source)
        if (held.state === "missing") this.#addLocation.run(held.part, held.source, held.offset, held.length)
      }
      this.#moveParts.run(source, offset, length, held.part, end, held.source, held.offset)
      return
    }
    this.#endMovedRun()
    if (same && this.#overlap === null && this.#aligned)
      this.#overlap = { source, original: held.source, from: offset, to: offset + length }
    else if (same && this.#overlap?.original === held.source && this.#aligned)
      this.#overlap.to = offset + length
    else {
      this.#aligned = false
      this.#addLocation.run(held.part, source, offset, length)
    }
  }

  /** Known other locations of a record stay valid when its rows move to another file. */
  #extendMovedRun({ source: original, offset, length, state }: KnownRecord, source: number): void {
    if (this.#movedRun?.original !== original) this.#endMovedRun()
    this.#movedRun ??= { source, original, from: offset, to: offset, state }
    this.#movedRun.to = offset + length
  }

  #endMovedRun(): void {
    if (this.#movedRun === null) return
    const { source, original, from, to, state } = this.#movedRun
    this.#copyOverlaps.run(source, original, from, to)
    if (state === "missing") this.#addOverlap.run(original, source, from, to) // the file may come back unchanged
    this.#movedRun = null
  }

  #endOverlap(): void {
    if (this.#overlap === null) return
    const { source, original, from, to } = this.#overlap
    this.#addOverlap.run(source, original, from, to)
    this.#overlap = null
  }

  startFile(): void {
    this.#occurrences.clear()
    this.#overlap = null
    this.#movedRun = null
    this.#aligned = true
  }

  /** Stores the current runs. */
  endRuns(): void {
    this.#endOverlap()
    this.#endMovedRun()
  }
}

/** Upper bound of the rows that the texts of such a record take beyond one per part. */
function maxExtraRows(length: number): number {
  return length <= limits.lineBytes ? 0 : Math.ceil((4 * length) / limits.rowChars)
}
