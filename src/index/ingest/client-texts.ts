import type { Part } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"

/** Client texts are stored without a session: the same ones occur thousands of times. */
const sharedSession = 0
const maxKnownTexts = 100_000

/** Texts that the client itself wrote. Compactions are excluded, because they have a place in a conversation. */
export function isClientText({ role, kind }: Part): boolean {
  return role === "system" && kind !== "compaction"
}

/** Recognizes client texts that already have a row, in whichever session they occur. */
export class ClientTexts {
  readonly #addKey
  readonly #adopt
  #known = new Set<number>()

  constructor(database: Database) {
    this.#addKey = database.query(
      `insert or ignore into record_key (session, record, part, sum) values (${sharedSession}, ?, ?, 0)`,
    )
    this.#adopt = database.query(
      `update part set source = ?1, offset = ?2, length = ?3
       where id = (select part from record_key where session = ${sharedSession} and record = ?4)
         and source in (select id from source where state <> 'present')`,
    )
  }

  forget(): void {
    this.#known.clear()
  }

  /** `pieces`: the whole text of `part`. A known text that no file contains any more is assigned to `place`. */
  isNew(
    part: Part,
    pieces: Iterable<string>,
    next: number,
    place: { source: number; offset: number; length: number },
  ): boolean {
    const number = textKey(part, pieces)
    if (this.#known.has(number)) return false
    if (this.#known.size > maxKnownTexts) this.forget()
    this.#known.add(number)
    if (this.#addKey.run(number, next).changes === 1) return true
    this.#adopt.run(place.source, place.offset, place.length, number)
    return false
  }
}

function textKey({ kind, isError }: Part, pieces: Iterable<string>): number {
  let sum = BigInt(kind.length + (isError === true ? 100 : 0))
  for (const piece of pieces) sum = Bun.hash.wyhash(piece, sum)
  return Number(sum & 0x1f_ffff_ffff_ffffn)
}
