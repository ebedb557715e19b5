import { KiB, MiB } from "../../domain/bytes.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { kindOf, roleOf, tags } from "../store/filter-tags.ts"
import { hash53 } from "../store/hashing.ts"
import { contextTags } from "../store/part-context.ts"
import type { SessionRow } from "../store/sessions.ts"
import { spacedBytes } from "../text/fts-bytes.ts"

interface QueuedRow {
  readonly part: number
  readonly kind: number
  readonly role: number
  readonly agent: number
  readonly session: number
  readonly project: number | null
  readonly model: number | null
  readonly fileOwner: number | null
}

/** A row to be removed from the full-text table, with what it was added with. */
interface DroppedRow {
  readonly row: number
  readonly text: Buffer
  readonly tags: string
}

/** Bytes of texts of rows to be removed, after which they are. */
const maxDroppedBytes = 2 * MiB

/** Marks a prompt whose message has not been read. */
const queuedMark = -1
/** Marks a message of a person that was never waiting: what a list of prompts says of it is nothing new. */
const saidMark = -2
/** The client writes a prompt to its list within moments of the message; later the same words are another prompt. */
const sameMomentMs = 5_000

/**
 * Prompts that are known before their message or without one: queued while the model was working, or taken from the
 * client's list of prompts. Each is found once: when its message is read, the message replaces it.
 */
export class QueuedPrompts {
  readonly #addKey
  readonly #addSaid
  readonly #saidAt
  readonly #isQueued
  readonly #find
  readonly #setPart
  readonly #settle
  readonly #dropPart
  readonly #dropSearchRow
  #dropped: DroppedRow[] = []
  #droppedBytes = 0

  constructor(database: Database) {
    this.#addKey = database.query(
      `insert into record_key (session, record, part, sum) values (?, ?, ?, ${queuedMark})
       on conflict do update set part = excluded.part, sum = ${queuedMark} where sum = ${saidMark}`,
    )
    this.#addSaid = database.query(
      `insert into record_key (session, record, part, sum) values (?, ?, ?, ${saidMark})
       on conflict do update set part = excluded.part where sum in (0, ${saidMark})`,
    )
    this.#saidAt = database.query<{ time: number | null }, [number, number]>(
      `select time from record_key join part on part.id = record_key.part
       where record_key.session = ? and record_key.record = ? and record_key.sum in (0, ${saidMark})`,
    )
    this.#isQueued = database.query(
      `select 1 from record_key where session = ? and record = ? and sum = ${queuedMark}`,
    )
    this.#find = database.query<QueuedRow, [number, number]>(
      `select part.id as part, part.kind, part_context.role, name.id as agent, part_context.session, part_context.project, part_context.model,
         (select id from session where uuid = source.session and agent = source.agent) as "fileOwner"
       from record_key join part on part.id = record_key.part join part_context on part_context.id = part.part_context
         join source on source.id = part.source join session on session.id = part_context.session
         join name on name.value = session.agent
       where record_key.session = ? and record_key.record = ? and record_key.sum = ${queuedMark}`,
    )
    this.#setPart = database.query("update record_key set part = ?, sum = 0 where session = ? and record = ?")
    this.#settle = database.query("update record_key set sum = 0 where session = ? and record = ?")
    this.#dropPart = database.query("delete from part where id = ?")
    this.#dropSearchRow = database.query(
      "insert into search (search, rowid, text, tags) values ('delete', ?, ?, ?)",
    )
  }

  /** Whether the prompt is new in the session. `next`: id of its row. */
  isNew(session: SessionRow, text: string, next: number): boolean {
    if (this.#addKey.run(session.id, promptKey(text), next).changes === 0) return false
    session.queued++
    return true
  }

  /** A person's message is read, with `row` as its row. */
  say(session: SessionRow, text: string, row: number): void {
    if (text.length <= 64 * KiB) this.#addSaid.run(session.id, promptKey(text), row)
  }

  /** Whether a message with this text was said at that time, in milliseconds since the epoch. */
  wasSaid(session: SessionRow, text: string, time: number): boolean {
    const said = this.#saidAt.get(session.id, promptKey(text))?.time ?? null
    return said !== null && Math.abs(time - said) <= sameMomentMs
  }

  /** The message of a prompt was read, with `row` as its row: removes the queued prompt. */
  deliver(session: SessionRow, text: string, row: number): void {
    const number = promptKey(text)
    // of ten thousand messages hardly one was queued, and the joins cost twenty times as much as the key alone
    if (this.#isQueued.get(session.id, number) === null) return
    const found = this.#find.get(session.id, number)
    if (found === null) return
    session.queued--
    session.parts--
    session.dirty = true
    if (text.length > 64 * KiB) {
      this.#settle.run(session.id, number) // a text of several rows is kept
      return
    }
    const searched = Buffer.from(spacedBytes(text, Buffer.from(text)))
    this.#dropped.push({ row: found.part, text: searched, tags: tagsOfRow(found) })
    this.#droppedBytes += searched.length
    if (this.#droppedBytes > maxDroppedBytes) this.flush()
    this.#dropPart.run(found.part)
    this.#setPart.run(row, session.id, number)
  }

  /**
   * Removes the rows of delivered prompts from the full-text table, many at once: at a row that is not the newest the
   * table writes everything it holds in memory.
   */
  flush(): void {
    for (const { row, text, tags } of this.#dropped.toSorted((a, b) => a.row - b.row))
      this.#dropSearchRow.run(row, text, tags)
    this.forget()
  }

  /** After a rollback. */
  forget(): void {
    this.#dropped = []
    this.#droppedBytes = 0
  }
}

function promptKey(text: string): number {
  return hash53(`a prompt that waits: ${text.trim()}`)
}

/** The tags with which the row was written. */
function tagsOfRow({ kind, role, agent, session, project, model, fileOwner }: QueuedRow): string {
  const setting = contextTags({ session, agent, role: roleOf(role), project, model })
  const held =
    fileOwner === null || fileOwner === session ? "" : ` ${tags.session(fileOwner)} ${tags.foreign}`
  const part = { kind: kindOf(kind), role: roleOf(role), text: "" } as const
  return `${setting}${held} ${tags.kind(part)}`
}
