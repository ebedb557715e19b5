import type { Database } from "../../system/sqlite/database.ts"
import type { IndexedPart, RecordSource } from "../model/indexed-part.ts"
import { limits } from "../model/limits.ts"
import { withOmissionNote } from "../records/long-texts.ts"
import { BlockReader } from "../store/block-reader.ts"
import { isError, kindOf, roleOf } from "../store/filter-tags.ts"

/** Reads parts by id. */
export class PartReader {
  readonly blocks: BlockReader
  readonly #row
  readonly #elsewhere

  constructor(database: Database) {
    this.blocks = new BlockReader(database)
    this.#row = database.query<PartRow, [number]>(partSql)
    this.#elsewhere = database.query<Omit<RecordSource, "gone">, [number]>(otherLocationsSql)
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

  /** At most `length` characters of a part's text. */
  beginning(id: number, length: number): string {
    const row = this.#row.get(id)
    return row === null ? "" : this.blocks.text(id, row.at, Math.min(row.size, length))
  }

  #textOf(id: number, at: number, size: number): string {
    const { shownChars } = limits
    return withOmissionNote(this.blocks.text(id, at, Math.min(size, shownChars)), size)
  }

  /** Every known location of the part's record, the best first. */
  locations(id: number): readonly Omit<RecordSource, "gone">[] {
    const own = this.get(id)?.source
    const others = this.#elsewhere.all(id)
    return own === undefined || own.gone ? others : [own, ...others.filter((each) => each.path !== own.path)]
  }
}

/** A part as stored: with ids instead of names, and the position of its text and record. */
interface PartRow
  extends Omit<IndexedPart, "role" | "kind" | "isError" | "text" | "command" | "source">,
    Omit<RecordSource, "gone"> {
  readonly role: number
  readonly kind: number
  /** Position of the text in its block, its length, and the length of the command with which it begins. */
  readonly at: number
  readonly size: number
  readonly command: number | null
  readonly source: number
  readonly state: string
}

/** By id. */
const partSql = `
  select part.id as part, session.uuid as session, session.title, session.agent, project.value as project,
    branch.value as branch, model.value as model, subagent.value as subagent, part_context.role, part.kind,
    tool.value as tool, part.time, part.at, part.size, part.command, part.answers, part.context_tokens as context, part.output_tokens as output,
    part.source, part.offset, part.length, source.state, source.path, source.place, source.document, source.export
  from part
    join part_context on part_context.id = part.part_context join session on session.id = part_context.session
    join source on source.id = part.source
    left join name project on project.id = part_context.project left join name branch on branch.id = part_context.branch
    left join name model on model.id = part_context.model left join name subagent on subagent.id = part_context.subagent
    left join name tool on tool.id = part.tool
  where part.id = ?`

/** Other locations of the part's record whose files exist. */
export const otherLocationsSql = `
  select path, place, document, export, part.offset, part.length from part
    join source_overlap on source_overlap.original = part.source and source_overlap.from_offset <= part.offset
      and part.offset + part.length <= source_overlap.to_offset
    join source on source.id = source_overlap.source and source.state = 'present' where part.id = ?1
  union all
  select path, place, document, export, record_location.offset, record_location.length from record_location
    join source on source.id = record_location.source and source.state = 'present' where record_location.part = ?1`
