import type { Database } from "../../system/sqlite/database.ts"
import { kindOf, roleOf, tags } from "../store/filter-tags.ts"
import { numberOf } from "../store/hashing.ts"
import { settingTags } from "../store/part-context.ts"
import type { SessionRow } from "../store/sessions.ts"
import { spacedBytes } from "../text/fts-bytes.ts"

interface WaitingRow {
  readonly part: number
  readonly kind: number
  readonly role: number
  readonly agent: number
  readonly session: number
  readonly project: number | null
  readonly model: number | null
  readonly holder: number | null
}

/** What a prompt that has its message is marked with. */
const waits = -1

/**
 * Prompts that are known before their message is, or without one: queued while the model worked, or left in a list of all
 * that was typed. Each is found once: when the message comes, that one stands for it.
 */
export class Waiting {
  readonly #see
  readonly #find
  readonly #met
  readonly #leave
  readonly #dropPart
  readonly #dropWords

  constructor(database: Database) {
    this.#see = database.query(
      `insert or ignore into seen (session, record, part, sum) values (?, ?, ?, ${waits})`,
    )
    this.#find = database.query<WaitingRow, [number, number]>(
      `select part.id as part, part.kind, setting.role, name.id as agent, setting.session, setting.project, setting.model,
         (select id from session where uuid = source.session and agent = source.agent) as holder
       from seen join part on part.id = seen.part join setting on setting.id = part.setting
         join source on source.id = part.source join session on session.id = setting.session
         join name on name.value = session.agent
       where seen.session = ? and seen.record = ? and seen.sum = ${waits}`,
    )
    this.#met = database.query("update seen set part = ?, sum = 0 where session = ? and record = ?")
    this.#leave = database.query("update seen set sum = 0 where session = ? and record = ?")
    this.#dropPart = database.query("delete from part where id = ?")
    this.#dropWords = database.query(
      "insert into words (words, rowid, text, tags) values ('delete', ?, ?, ?)",
    )
  }

  /** Whether the prompt is new in the session, its row to be `next`. */
  isNew(session: SessionRow, text: string, next: number): boolean {
    if (this.#see.run(session.id, numberOfPrompt(text), next).changes === 0) return false
    session.waiting++
    return true
  }

  /** The message of a prompt has come, its row to be `row`: one that waits goes. */
  met(session: SessionRow, text: string, row: number): void {
    const number = numberOfPrompt(text)
    const found = this.#find.get(session.id, number)
    if (found === null) return
    session.waiting--
    session.parts--
    session.dirty = true
    if (text.length > 1 << 16) {
      this.#leave.run(session.id, number) // a text of several rows stays
      return
    }
    this.#dropWords.run(found.part, spacedBytes(text, Buffer.from(text)), tagsOf(found))
    this.#dropPart.run(found.part)
    this.#met.run(row, session.id, number)
  }
}

function numberOfPrompt(text: string): number {
  return numberOf(`a prompt that waits: ${text.trim()}`)
}

/** What the row was made with. */
function tagsOf({ kind, role, agent, session, project, model, holder }: WaitingRow): string {
  const setting = settingTags({ session, agent, role: roleOf(role), project, model })
  const held = holder === null || holder === session ? "" : ` ${tags.session(holder)} ${tags.guest}`
  const part = { kind: kindOf(kind), role: roleOf(role), text: "" } as const
  return `${setting}${held} ${tags.kind(part)}`
}
