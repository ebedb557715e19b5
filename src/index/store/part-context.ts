import type { Part, RecordParts } from "../../domain/conversation/message-part.ts"
import { roles } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { RecordLocation } from "../model/record-place.ts"
import { tags } from "./filter-tags.ts"
import type { NameTable } from "./names.ts"
import type { Sessions } from "./sessions.ts"

interface PartContext extends Pick<RecordParts, "cwd" | "branch" | "model" | "subagent"> {
  readonly id: number
  readonly tags: string
  readonly session: string
  readonly agent: string
}

const maxCachedContexts = 5000

/** Properties that many parts share, stored once: session, speaker, folder, branch, model, subagent. */
export class PartContexts {
  readonly #names: NameTable
  readonly #sessions: Sessions
  readonly #known = new Map<string, PartContext>()
  readonly #last = new Map<Part["role"], PartContext>()
  readonly #find
  readonly #add

  constructor(database: Database, names: NameTable, sessions: Sessions) {
    this.#names = names
    this.#sessions = sessions
    this.#find = database.query<{ id: number }, (number | null)[]>(
      `select id from part_context where session = ? and role = ? and project is ? and branch is ? and model is ?
       and subagent is ?`,
    )
    this.#add = database.query<unknown, (number | null)[]>(
      "insert into part_context (session, role, project, branch, model, subagent) values (?, ?, ?, ?, ?, ?)",
    )
  }

  forget(): void {
    this.#known.clear()
    this.#last.clear()
  }

  /** Usually the same as for the previous part of that role. */
  of(place: RecordLocation, record: RecordParts, role: Part["role"]): PartContext {
    const last = this.#last.get(role)
    if (last !== undefined && isSameContext(last, place, record)) return last
    const { agent, session } = place
    const { cwd, branch, model, subagent } = record
    const key = JSON.stringify([role, session, agent, cwd, branch, model, subagent])
    const known = this.#known.get(key)
    if (known !== undefined) {
      this.#last.set(role, known)
      return known
    }
    const names = this.#names
    const sessionId = this.#sessions.of(agent, session).id
    const project = names.id(cwd)
    const modelId = names.id(model)
    const values = [sessionId, roles.indexOf(role), project, names.id(branch), modelId, names.id(subagent)]
    const id = this.#find.get(...values)?.id ?? Number(this.#add.run(...values).lastInsertRowid)
    const words = contextTags({ session: sessionId, agent: names.id(agent), role, project, model: modelId })
    const setting = { id, tags: words, session, agent, cwd, branch, model, subagent }
    if (this.#known.size > maxCachedContexts) this.#known.clear()
    this.#known.set(key, setting)
    this.#last.set(role, setting)
    return setting
  }
}

/** The tags that every row of a context has. All values are ids. */
export function contextTags(of: {
  readonly session: number
  readonly agent: number
  readonly role: Part["role"]
  readonly project: number | null
  readonly model: number | null
}): string {
  const words = [tags.session(of.session), tags.speaker(of.agent, of.role)]
  if (of.project !== null) words.push(tags.project(of.project))
  if (of.model !== null) words.push(tags.model(of.model))
  return words.join(" ")
}

function isSameContext(known: PartContext, place: RecordLocation, record: RecordParts): boolean {
  return (
    known.session === place.session &&
    known.cwd === record.cwd &&
    known.branch === record.branch &&
    known.model === record.model &&
    known.subagent === record.subagent &&
    known.agent === place.agent
  )
}
