import type { PartKind, Role } from "../session/part.ts"
import type { Database } from "../system/database.ts"
import { BlockReader } from "./blocks.ts"
import type { IndexSource } from "./source.ts"
import { isError, kindOf, roleOf } from "./tags.ts"

/** One part of a conversation as the index has it. */
export interface IndexedPart {
  /** Its number in this index; numbers grow in the order in which parts were read. */
  readonly part: number
  readonly session: string
  readonly title: string | null
  readonly agent: string
  /** The folder the session worked in. */
  readonly project: string | null
  readonly branch: string | null
  readonly model: string | null
  readonly subagent: string | null
  readonly role: Role
  readonly kind: PartKind
  readonly tool: string | null
  readonly isError: boolean
  /** Milliseconds since 1970; null where the record has none. */
  readonly time: number | null
  readonly text: string
  /** A shell call's command; `text` begins with it. */
  readonly command: string | null
  /** The call that a result answers. */
  readonly answers: number | null
  /** Tokens in use when a model answered, and of its answer: with the first part of a record only. */
  readonly context: number | null
  readonly output: number | null
  readonly source: Place
}

/** Where the raw record lies. */
export interface Place {
  readonly path: string
  readonly place: IndexSource["place"]
  readonly document: string
  readonly export: string | null
  readonly offset: number
  readonly length: number
  /** true: no file holds it any more as far as is known; the text is all that is left. */
  readonly gone: boolean
}

interface Row {
  readonly part: number
  readonly session: string
  readonly title: string | null
  readonly agent: string
  readonly project: string | null
  readonly branch: string | null
  readonly model: string | null
  readonly subagent: string | null
  readonly role: number
  readonly kind: number
  readonly tool: string | null
  readonly time: number | null
  readonly at: number
  readonly size: number
  readonly command: number | null
  readonly answers: number | null
  readonly context: number | null
  readonly output: number | null
  readonly source: number
  readonly offset: number
  readonly length: number
  readonly state: string
  readonly path: string
  readonly place: IndexSource["place"]
  readonly document: string
  readonly export: string | null
}

const rowSql = `
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

const elsewhereSql = `
  select path, place, document, export, part.offset, part.length from part
    join twin on twin.of = part.source and twin.early <= part.offset and part.offset + part.length <= twin.late
    join source on source.id = twin.source and source.state = 'present' where part.id = ?1
  union all
  select path, place, document, export, sighting.offset, sighting.length from sighting
    join source on source.id = sighting.source and source.state = 'present' where sighting.part = ?1`

/** Reads parts by their numbers. */
export class Parts {
  readonly blocks: BlockReader
  readonly #row
  readonly #elsewhere

  constructor(database: Database) {
    this.blocks = new BlockReader(database)
    this.#row = database.query<Row, [number]>(rowSql)
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
    const text = this.blocks.text(id, at, size)
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

  /** Every place where the record is known to lie, the best first. */
  places(id: number): readonly Omit<Place, "gone">[] {
    const own = this.get(id)?.source
    const others = this.#elsewhere.all(id)
    return own === undefined || own.gone ? others : [own, ...others.filter((each) => each.path !== own.path)]
  }
}
