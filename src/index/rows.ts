import type { Part, RecordParts } from "../session/part.ts"
import type { Database } from "../system/database.ts"
import { BlockWriter } from "./block-writer.ts"
import type { Carry } from "./carry.ts"
import { Names } from "./names.ts"
import { Sessions } from "./sessions.ts"
import { Settings } from "./settings.ts"
import { spacedBytes } from "./spaced-bytes.ts"
import { packKind, tags } from "./tags.ts"

/** Where a record lies, and whose it is. */
export interface RecordPlace {
  readonly source: number
  readonly agent: string
  readonly session: string
  readonly offset: number
  readonly length: number
}

/** Writes what is said in records as rows. */
export class Rows {
  readonly names: Names
  readonly sessions: Sessions
  readonly blocks: BlockWriter
  readonly #database: Database
  readonly #settings: Settings
  readonly #addPart
  readonly #addWords
  readonly #addTouched
  nextPart = 1

  constructor(database: Database) {
    this.#database = database
    this.names = new Names(database)
    this.sessions = new Sessions(database)
    this.blocks = new BlockWriter(database)
    this.#settings = new Settings(database, this.names, this.sessions)
    this.#addPart = database.query("insert into part values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    this.#addWords = database.query("insert into words (rowid, text, tags) values (?, ?, ?)")
    this.#addTouched = database.query("insert into touched (part, path) values (?, ?)")
  }

  /** Whatever was remembered is asked for anew: another process may have written, or a transaction been undone. */
  forget(): void {
    this.names.forget()
    this.sessions.forget()
    this.blocks.forget()
    this.#settings.forget()
    const { last } = this.#database.query("select max(id) as last from part").get() as { last: number | null }
    this.nextPart = (last ?? 0) + 1
  }

  add(place: RecordPlace, record: RecordParts, carry: Carry): void {
    const { usage, time } = record
    const context = usage === null ? null : usage.input + usage.cacheWrite + usage.cacheRead
    for (const [index, part] of record.parts.entries()) {
      const id = this.nextPart++
      const setting = this.#settings.of(place, record, part.role)
      const answers = part.kind === "tool_result" ? carry.answered(part.call) : null
      const toolId = part.tool === undefined ? (answers?.tool ?? null) : this.names.id(part.tool)
      const text = part.text
      const { at, bytes } = this.blocks.add(id, time, text)
      this.#addPart.run(
        id,
        place.source,
        place.offset,
        place.length,
        setting.id,
        packKind(part.kind, part.isError === true),
        toolId,
        time,
        answers?.part ?? null,
        at,
        text.length,
        part.command?.length ?? null,
        index === 0 ? context : null,
        index === 0 ? (usage?.output ?? null) : null,
      )
      const words = spacedBytes(text, bytes)
      this.#addWords.run(id, words, setting.tags + partTags(part, toolId))
      if (part.kind === "tool_use" && part.call !== undefined) carry.called(part.call, id, toolId)
      for (const file of part.files ?? []) this.#addTouched.run(id, this.names.id(file))
    }
  }
}

function partTags(part: Part, tool: number | null): string {
  return tool === null ? ` ${tags.kind(part)}` : ` ${tags.kind(part)} ${tags.tool(tool)}`
}
