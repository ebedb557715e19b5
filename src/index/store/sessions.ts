import type { RecordParts } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"

export interface SessionRow {
  readonly id: number
  title: string | null
  rank: number
  first: number | null
  last: number | null
  parts: number
  /** Number of known prompts that were not yet found in the conversation. */
  queued: number
  project: number | null
  dirty: boolean
}

const maxCachedSessions = 5000

/** The sessions encountered in this run; written when a file is finished. */
export class Sessions {
  readonly #known = new Map<string, SessionRow>()
  #last: { agent: string; uuid: string; session: SessionRow } | null = null
  readonly #find
  readonly #add
  readonly #change

  constructor(database: Database) {
    this.#find = database.query<Omit<SessionRow, "dirty">, [string, string]>(
      "select id, title, title_rank as rank, first, last, parts, queued, project from session where uuid = ? and agent = ?",
    )
    this.#add = database.query<unknown, [string, string]>("insert into session (uuid, agent) values (?, ?)")
    this.#change = database.query(
      "update session set title = ?, title_rank = ?, first = ?, last = ?, parts = ?, queued = ?, project = ? where id = ?",
    )
  }

  of(agent: string, uuid: string): SessionRow {
    const last = this.#last
    if (last?.uuid === uuid && last.agent === agent) return last.session
    const session = this.#lookUp(agent, uuid)
    this.#last = { agent, uuid, session }
    return session
  }

  #lookUp(agent: string, uuid: string): SessionRow {
    const key = `${agent} ${uuid}`
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const found = this.#find.get(uuid, agent)
    const row = found ?? {
      ...{ id: Number(this.#add.run(uuid, agent).lastInsertRowid), title: null, rank: -1, first: null },
      ...{ last: null, parts: 0, queued: 0, project: null },
    }
    const session = { ...row, dirty: found === null }
    this.#known.set(key, session)
    return session
  }

  /** Updates the session with what the record says about it. */
  note(session: SessionRow, record: RecordParts, project: number | null, parts: number): void {
    const { time } = record
    const title = record.title ?? (session.rank < 0 ? promptTitle(record) : null)
    if (title !== null && (title.rank > session.rank || (title.rank === session.rank && title.rank > 0))) {
      session.title = title.text
      session.rank = title.rank
    }
    if (time !== null) {
      if (session.first === null || time < session.first) session.first = time
      if (session.last === null || time > session.last) session.last = time
    }
    session.project ??= project
    session.parts += parts
    session.dirty = true
  }

  save(): void {
    for (const session of this.#known.values()) {
      if (!session.dirty) continue
      const { id, title, rank, first, last, parts, queued, project } = session
      this.#change.run(title, rank, first, last, parts, queued, project, id)
      session.dirty = false
    }
    if (this.#known.size > maxCachedSessions) this.forget()
  }

  forget(): void {
    this.#known.clear()
    this.#last = null
  }
}

function promptTitle(record: RecordParts): RecordParts["title"] {
  const text = record.prompt?.() ?? null
  return text === null ? null : { text, rank: 0 }
}
