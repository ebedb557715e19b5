import type { Part } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"

/** The client's own texts belong to no session: the same ones come in thousands. */
const sharedSession = 0
const maxKnownTexts = 100_000

/** The client's own words; a compaction has its place in a conversation, though. */
export function isClientText({ role, kind }: Part): boolean {
  return role === "system" && kind !== "compaction"
}

/** Tells those of the client's own texts that are new from those that have a row already, whatever session they come in. */
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

  /** `pieces`: of its whole text. Where no file held it any more, the one at hand does from now on. */
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
