import type { Database } from "../../system/sqlite/database.ts"
import type { IndexedPart, Place } from "../model/indexed-part.ts"
import { measures } from "../model/limits.ts"
import { shortened } from "../records/long-texts.ts"
import { BlockReader } from "../store/block-reader.ts"
import { isError, kindOf, roleOf } from "../store/filter-tags.ts"
import { elsewhereSql, type PartRow, rowSql } from "./part-rows.ts"

/** Reads parts by their numbers. */
export class Parts {
  readonly blocks: BlockReader
  readonly #row
  readonly #elsewhere

  constructor(database: Database) {
    this.blocks = new BlockReader(database)
    this.#row = database.query<PartRow, [number]>(rowSql)
    this.#elsewhere = database.query<Omit<Place, "gone">, [number]>(elsewhereSql)
  }

  get(id: number): IndexedPart | null {
    const row = this.#row.get(id)
    if (row === null) return null
    const {
      source,
      offset,
      length,
      state,
      path,
      place,
      document,
      export: named,
      at,
      size,
      command,
      ...rest
    } = row
    const own = { path, place, document, export: named, offset, length }
    const text = this.#textOf(id, at, size)
    const other = state === "present" ? own : (this.#elsewhere.get(id) ?? null)
    return {
      ...rest,
      role: roleOf(row.role),
      kind: kindOf(row.kind),
      isError: isError(row.kind),
      text,
      command: command === null ? null : text.slice(0, command),
      source: { ...(other ?? own), gone: other === null },
    }
  }

  #textOf(id: number, at: number, size: number): string {
    const { shown } = measures
    return shortened(this.blocks.text(id, at, Math.min(size, shown)), size)
  }

  /** Every place where the record is known to lie, the best first. */
  places(id: number): readonly Omit<Place, "gone">[] {
    const own = this.get(id)?.source
    const others = this.#elsewhere.all(id)
    return own === undefined || own.gone ? others : [own, ...others.filter((each) => each.path !== own.path)]
  }
}
