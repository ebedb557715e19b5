import type { Part, RecordParts } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { measures } from "../model/limits.ts"
import type { RecordPlace } from "../model/record-place.ts"
import type { LongTexts } from "../records/long-texts.ts"
import { BlockWriter } from "../store/block-writer.ts"
import { packKind, tags } from "../store/filter-tags.ts"
import { Names } from "../store/names.ts"
import { Settings } from "../store/part-context.ts"
import { Sessions } from "../store/sessions.ts"
import { spacedBytes } from "../text/fts-bytes.ts"
import { stretchesOf } from "../text/text-rows.ts"
import type { Carry } from "./resume-state.ts"

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
  #held = 0
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
    const { part, block } = this.#database
      .query(
        "select (select max(id) from part) as part, (select last from block order by first desc limit 1) as block",
      )
      .get() as { part: number | null; block: number | null }
    this.nextPart = Math.max(part ?? 0, block ?? 0) + 1
  }

  /** `long`: what the stand-ins in it stand for. */
  add(place: RecordPlace, record: RecordParts, carry: Carry, long: LongTexts | null = null): void {
    const { usage, time } = record
    const context = usage === null ? null : usage.input + usage.cacheWrite + usage.cacheRead
    for (const [index, part] of record.parts.entries()) {
      const id = this.nextPart++
      const setting = this.#settings.of(place, record, part.role)
      const answers = part.kind === "tool_result" ? carry.answered(part.call) : null
      const toolId = part.tool === undefined ? (answers?.tool ?? null) : this.names.id(part.tool)
      const tagged = setting.tags + holderTag(place) + partTags(part, toolId)
      const size = long?.lengthOf(part.text) ?? part.text.length
      const at =
        size > measures.text && long !== null
          ? this.#addLong(id, time, long.pieces(part.text), tagged)
          : this.#addText(id, time, long === null ? part.text : [...long.pieces(part.text)].join(""), tagged)
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
        size,
        part.command === undefined ? null : (long?.lengthOf(part.command) ?? part.command.length),
        index === 0 ? context : null,
        index === 0 ? (usage?.output ?? null) : null,
      )
      if (part.kind === "tool_use" && part.call !== undefined)
        carry.called(part.call, id, toolId, part.ours === true)
      for (const file of part.files ?? []) this.#addTouched.run(id, this.names.id(file))
    }
  }

  /** Returns where in its block it begins. */
  #addText(id: number, time: number | null, text: string, tagged: string): number {
    const { at, bytes } = this.blocks.add(id, time, text)
    this.#addWords.run(id, spacedBytes(text, bytes), tagged)
    if (text.length > measures.heavy) this.#weigh(text.length)
    return at
  }

  /** A text of several rows: the part has the number of the first, and the others have no part. */
  #addLong(id: number, time: number | null, pieces: Iterable<string>, tagged: string): number {
    let row = id
    for (const { text, before } of stretchesOf(pieces)) {
      this.blocks.addAlone(row, time, text)
      const searched = before + text
      this.#addWords.run(row, spacedBytes(searched, Buffer.from(searched)), `${tagged} ${tags.long}`)
      this.#weigh(text.length)
      row++
    }
    this.nextPart = row
    return 0
  }

  /** The full-text table holds much of texts whose words are all different, and what texts were made from is freed late. */
  #weigh(size: number): void {
    this.#held += size
    if (this.#held < measures.held) return
    this.#held = 0
    this.#database.run("savepoint heavy") // at each, the full-text table writes out what it holds
    this.#database.run("release heavy")
    Bun.gc(true)
  }
}

function holderTag({ holder }: RecordPlace): string {
  return holder === null ? "" : ` ${tags.session(holder)} ${tags.guest}`
}

function partTags(part: Part, tool: number | null): string {
  const printed = part.kind !== "tool_use" && part.ours === true
  const hidden = part.role === "system" || printed ? ` ${tags.hidden}` : ""
  return tool === null ? ` ${tags.kind(part)}${hidden}` : ` ${tags.kind(part)} ${tags.tool(tool)}${hidden}`
}
