import type { Part, RecordParts } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { limits } from "../model/limits.ts"
import { type PackedText, packedTextOf } from "../model/packed-text.ts"
import type { RecordLocation } from "../model/record-place.ts"
import type { LongTexts } from "../records/long-texts.ts"
import { BlockWriter } from "../store/block-writer.ts"
import { packKind, tags } from "../store/filter-tags.ts"
import { NameTable } from "../store/names.ts"
import { PartContexts } from "../store/part-context.ts"
import { Sessions } from "../store/sessions.ts"
import { spacedBytes } from "../text/fts-bytes.ts"
import { textRowsOf } from "../text/text-rows.ts"
import type { ResumeState } from "./resume-state.ts"

/**
 * Writes the parts of a record: one `part` row each, its text in a compressed block, and a row in the full-text table
 * with the same id. A long text takes several full-text rows; only the first has a `part`.
 */
export class PartWriter {
  readonly names: NameTable
  readonly sessions: Sessions
  readonly blocks: BlockWriter
  readonly #database: Database
  readonly #contexts: PartContexts
  readonly #addPart
  readonly #addSearchRow
  readonly #addFileTouch
  #heavyChars = 0
  nextPart = 1

  constructor(database: Database) {
    this.#database = database
    this.names = new NameTable(database)
    this.sessions = new Sessions(database)
    this.blocks = new BlockWriter(database)
    this.#contexts = new PartContexts(database, this.names, this.sessions)
    this.#addPart = database.query("insert into part values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    this.#addSearchRow = database.query("insert into search (rowid, text, tags) values (?, ?, ?)")
    this.#addFileTouch = database.query("insert into file_touch (part, path) values (?, ?)")
  }

  /** Clears cached ids, after another process wrote or a transaction was rolled back. */
  forget(): void {
    this.names.forget()
    this.sessions.forget()
    this.blocks.forget()
    this.#contexts.forget()
    const { part, block } = this.#database
      .query(
        "select (select max(id) from part) as part, (select last from block order by first desc limit 1) as block",
      )
      .get() as { part: number | null; block: number | null }
    this.nextPart = Math.max(part ?? 0, block ?? 0) + 1
  }

  /** `long`: the strings behind the record's placeholders. */
  add(place: RecordLocation, record: RecordParts, carry: ResumeState, long: LongTexts | null = null): void {
    const { usage, time } = record
    const context = usage === null ? null : usage.input + usage.cacheWrite + usage.cacheRead
    for (const [index, part] of record.parts.entries()) {
      const id = this.nextPart++
      const setting = this.#contexts.of(place, record, part.role)
      const answers = part.kind === "tool_result" ? carry.takeCall(part.call) : null
      const toolId = part.tool === undefined ? (answers?.tool ?? null) : this.names.id(part.tool)
      const tagged = setting.tags + fileOwnerTag(place) + partTags(part, toolId)
      const packed = packedTextOf(part)
      const size = packed?.length ?? long?.lengthOf(part.text) ?? part.text.length
      const at =
        packed !== null
          ? this.#addPacked(id, time, packed, tagged)
          : size > limits.textChars && long !== null
            ? this.#addLong(id, time, long.chunks(part.text), tagged)
            : this.#addText(
                id,
                time,
                long === null ? part.text : [...long.chunks(part.text)].join(""),
                tagged,
              )
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
        carry.addCall(part.call, id, toolId, part.bySessionRescue === true)
      for (const file of part.files ?? []) this.#addFileTouch.run(id, this.names.id(file))
    }
  }

  /** Returns the text's position in its block. */
  #addText(id: number, time: number | null, text: string, tagged: string): number {
    const { at, bytes } = this.blocks.add(id, time, text)
    this.#addSearchRow.run(id, spacedBytes(text, bytes), tagged)
    if (text.length > limits.heavyChars) this.#countHeavy(text.length)
    return at
  }

  #addPacked(
    id: number,
    time: number | null,
    { length, bytes, searched }: PackedText,
    tagged: string,
  ): number {
    this.#addSearchRow.run(id, searched, tagged)
    if (length > limits.heavyChars) this.#countHeavy(length)
    return this.blocks.addBytes(id, time, length, bytes)
  }

  /** Writes a text of several rows: the part has the id of the first, the others have no part. */
  #addLong(id: number, time: number | null, pieces: Iterable<string>, tagged: string): number {
    let row = id
    for (const { text, before } of textRowsOf(pieces)) {
      this.blocks.addAlone(row, time, text)
      const searched = before + text
      this.#addSearchRow.run(row, spacedBytes(searched, Buffer.from(searched)), `${tagged} ${tags.long}`)
      this.#countHeavy(text.length)
      row++
    }
    this.nextPart = row
    return 0
  }

  /** Bounds memory: the full-text table buffers large texts, and garbage collection of strings is late. */
  #countHeavy(size: number): void {
    this.#heavyChars += size
    if (this.#heavyChars < limits.heavyTotalChars) return
    this.#heavyChars = 0
    this.#database.run("savepoint heavy") // the full-text table flushes at each savepoint
    this.#database.run("release heavy")
    Bun.gc(true)
  }
}

function fileOwnerTag({ fileOwner }: RecordLocation): string {
  return fileOwner === null ? "" : ` ${tags.session(fileOwner)} ${tags.foreign}`
}

function partTags(part: Part, tool: number | null): string {
  const printed = part.kind !== "tool_use" && part.bySessionRescue === true
  const hidden = part.role === "system" || printed ? ` ${tags.hidden}` : ""
  return tool === null ? ` ${tags.kind(part)}${hidden}` : ` ${tags.kind(part)} ${tags.tool(tool)}${hidden}`
}
