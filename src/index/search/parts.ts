import type { Database } from "../../system/sqlite/database.ts"
import type { IndexedPart, Place } from "../model/indexed-part.ts"
import { measures } from "../model/limits.ts"
import { shortened } from "../records/long-texts.ts"
import { BlockReader } from "../store/block-reader.ts"
import { isError, kindOf, roleOf } from "../store/filter-tags.ts"

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

/** A part as the tables have it: numbers for what has a name, and where its text and its record lie. */
export interface PartRow
  extends Omit<IndexedPart, "role" | "kind" | "isError" | "text" | "command" | "source">,
    Omit<Place, "gone"> {
  readonly role: number
  readonly kind: number
  /** Where in its block the text begins, its length, and the length of the command that it begins with. */
  readonly at: number
  readonly size: number
  readonly command: number | null
  readonly source: number
  readonly state: string
}

/** By its number. */
export const rowSql = `
  select part.id as part, session.uuid as session, session.title, session.agent, project.value as project,
    branch.value as branch, model.value as model, subagent.value as subagent, setting.role, part.kind,
    tool.value as tool, part.time, part.at, part.size, part.command, part.answers, part.context, part.output,
    part.source, part.offset, part.length, source.state, source.path, source.place, source.document, source.export
  from part
    join setting on setting.id = part.setting join session on session.id = setting.session
    join source on source.id = part.source
    left join name project on project.id = setting.project left join name branch on branch.id = setting.branch
    left join name model on model.id = setting.model left join name subagent on subagent.id = setting.subagent
    left join name tool on tool.id = part.tool
  where part.id = ?`

/** Other places of its record, while the files are there. */
export const elsewhereSql = `
  select path, place, document, export, part.offset, part.length from part
    join twin on twin.of = part.source and twin.early <= part.offset and part.offset + part.length <= twin.late
    join source on source.id = twin.source and source.state = 'present' where part.id = ?1
  union all
  select path, place, document, export, sighting.offset, sighting.length from sighting
    join source on source.id = sighting.source and source.state = 'present' where sighting.part = ?1`
