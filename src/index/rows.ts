import type { Part, RecordParts } from "../session/part.ts"
import { roles } from "../session/part.ts"
import type { Database } from "../system/database.ts"
import { BlockWriter } from "./blocks.ts"
import type { Carry } from "./carry.ts"
import { Names } from "./names.ts"
import { Sessions } from "./sessions.ts"
import { packKind, tags } from "./tags.ts"
import { spaced } from "./words.ts"

interface Setting {
  readonly id: number
  readonly tags: string
}

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
  readonly #settings = new Map<string, Setting>()
  readonly #addPart
  readonly #addWords
  readonly #addTouched
  readonly #findSetting
  readonly #addSetting
  nextPart = 1

  constructor(database: Database) {
    this.#database = database
    this.names = new Names(database)
    this.sessions = new Sessions(database)
    this.blocks = new BlockWriter(database)
    this.#addPart = database.query("insert into part values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    this.#addWords = database.query("insert into words (rowid, text, tags) values (?, ?, ?)")
    this.#addTouched = database.query("insert into touched (part, path) values (?, ?)")
    this.#findSetting = database.query<{ id: number }, (number | null)[]>(
      `select id from setting where session = ? and role = ? and project is ? and branch is ? and model is ?
       and subagent is ?`,
    )
    this.#addSetting = database.query<{ id: number }, (number | null)[]>(
      `insert into setting (session, role, project, branch, model, subagent) values (?, ?, ?, ?, ?, ?)
       returning id`,
    )
  }

  /** Whatever was remembered is asked for anew: another process may have written, or a transaction been undone. */
  forget(): void {
    this.names.forget()
    this.sessions.forget()
    this.blocks.forget()
    this.#settings.clear()
    const { last } = this.#database.query("select max(id) as last from part").get() as { last: number | null }
    this.nextPart = (last ?? 0) + 1
  }

  add(place: RecordPlace, record: RecordParts, carry: Carry): void {
    const { usage, time } = record
    const context = usage === null ? null : usage.input + usage.cacheWrite + usage.cacheRead
    for (const [index, part] of record.parts.entries()) {
      const id = this.nextPart++
      const setting = this.#setting(place, record, part.role)
      const answers = part.kind === "tool_result" ? carry.answered(part.call) : null
      const toolId = part.tool === undefined ? (answers?.tool ?? null) : this.names.id(part.tool)
      const text = part.text
      const at = this.blocks.add(id, time, text)
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
      this.#addWords.run(id, spaced(text), setting.tags + partTags(part, toolId))
      if (part.kind === "tool_use" && part.call !== undefined) carry.called(part.call, id, toolId)
      for (const file of part.files ?? []) this.#addTouched.run(id, this.names.id(file))
    }
  }

  #setting({ agent, session }: RecordPlace, record: RecordParts, role: Part["role"]): Setting {
    const { cwd, branch, model, subagent } = record
    const key = `${role}\0${session}\0${agent}\0${cwd}\0${branch}\0${model}\0${subagent}`
    const known = this.#settings.get(key)
    if (known !== undefined) return known
    const { names } = this
    const sessionId = this.sessions.of(agent, session).id
    const project = names.id(cwd)
    const modelId = names.id(model)
    const values = [sessionId, roles.indexOf(role), project, names.id(branch), modelId, names.id(subagent)]
    const id = (this.#findSetting.get(...values) ?? this.#addSetting.get(...values))?.id ?? 0
    const words = [tags.every, tags.session(sessionId), tags.agent(names.id(agent)), tags.role(role)]
    if (project !== null) words.push(tags.project(project))
    if (modelId !== null) words.push(tags.model(modelId))
    const setting = { id, tags: words.join(" ") }
    if (this.#settings.size > mostSettings) this.#settings.clear()
    this.#settings.set(key, setting)
    return setting
  }
}

const mostSettings = 5000

function partTags(part: Part, tool: number | null): string {
  let words = ` ${tags.kind(part.kind)}`
  if (tool !== null) words += ` ${tags.tool(tool)}`
  if (part.isError === true) words += ` ${tags.error}`
  if (part.command !== undefined) words += ` ${tags.command}`
  if (part.files !== undefined) words += ` ${tags.files}`
  return words
}
