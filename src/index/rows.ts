import type { Part, RecordParts } from "../session/part.ts"
import { roles } from "../session/part.ts"
import type { Database } from "../system/database.ts"
import { BlockWriter } from "./blocks.ts"
import type { Carry } from "./carry.ts"
import { Names } from "./names.ts"
import { Sessions } from "./sessions.ts"
import { packKind, tags } from "./tags.ts"
import { spaced } from "./words.ts"

interface Setting extends Pick<RecordParts, "cwd" | "branch" | "model" | "subagent"> {
  readonly id: number
  readonly tags: string
  readonly session: string
  readonly agent: string
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
  readonly #last = new Map<Part["role"], Setting>()
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
    this.#addSetting = database.query<unknown, (number | null)[]>(
      "insert into setting (session, role, project, branch, model, subagent) values (?, ?, ?, ?, ?, ?)",
    )
  }

  /** Whatever was remembered is asked for anew: another process may have written, or a transaction been undone. */
  forget(): void {
    this.names.forget()
    this.sessions.forget()
    this.blocks.forget()
    this.#settings.clear()
    this.#last.clear()
    const { last } = this.#database.query("select max(id) as last from part").get() as { last: number | null }
    this.nextPart = (last ?? 0) + 1
  }

  /** `plain`: all its letters are ASCII. */
  add(place: RecordPlace, record: RecordParts, carry: Carry, plain: boolean): void {
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
      this.#addWords.run(id, plain ? text : spaced(text), setting.tags + partTags(part, toolId))
      if (part.kind === "tool_use" && part.call !== undefined) carry.called(part.call, id, toolId)
      for (const file of part.files ?? []) this.#addTouched.run(id, this.names.id(file))
    }
  }

  /** Mostly the same as for the part before of that role. */
  #setting(place: RecordPlace, record: RecordParts, role: Part["role"]): Setting {
    const last = this.#last.get(role)
    if (last !== undefined && isAlike(last, place, record)) return last
    const { agent, session } = place
    const { cwd, branch, model, subagent } = record
    const key = JSON.stringify([role, session, agent, cwd, branch, model, subagent])
    const known = this.#settings.get(key)
    if (known !== undefined) {
      this.#last.set(role, known)
      return known
    }
    const { names } = this
    const sessionId = this.sessions.of(agent, session).id
    const project = names.id(cwd)
    const modelId = names.id(model)
    const values = [sessionId, roles.indexOf(role), project, names.id(branch), modelId, names.id(subagent)]
    const id = this.#findSetting.get(...values)?.id ?? Number(this.#addSetting.run(...values).lastInsertRowid)
    const words = [tags.session(sessionId), tags.speaker(names.id(agent), role)]
    if (project !== null) words.push(tags.project(project))
    if (modelId !== null) words.push(tags.model(modelId))
    const setting = { id, tags: words.join(" "), session, agent, cwd, branch, model, subagent }
    if (this.#settings.size > mostSettings) this.#settings.clear()
    this.#settings.set(key, setting)
    this.#last.set(role, setting)
    return setting
  }
}

function isAlike(known: Setting, place: RecordPlace, record: RecordParts): boolean {
  return (
    known.session === place.session &&
    known.cwd === record.cwd &&
    known.branch === record.branch &&
    known.model === record.model &&
    known.subagent === record.subagent &&
    known.agent === place.agent
  )
}

const mostSettings = 5000

function partTags(part: Part, tool: number | null): string {
  return tool === null ? ` ${tags.kind(part)}` : ` ${tags.kind(part)} ${tags.tool(tool)}`
}
