import type { Database } from "../../system/sqlite/database.ts"
import { hash53 } from "../store/hashing.ts"

/** The keys of answers belong to no session, as those of client texts. */
const sharedSession = 0
const maxKnown = 1000

/** A fork repeats the answers of the session that it was made from: each counts for the session that was read first. */
export class AnswerOwners {
  readonly #addKey
  readonly #findOwner
  readonly #known = new Map<string, number>()

  constructor(database: Database) {
    this.#addKey = database.query(
      `insert or ignore into record_key (session, record, part, sum) values (${sharedSession}, ?, 0, ?)`,
    )
    this.#findOwner = database.query<{ owner: number }, [number]>(
      `select sum as owner from record_key where session = ${sharedSession} and record = ?`,
    )
  }

  forget(): void {
    this.#known.clear()
  }

  /** Whether the tokens of an answer count for this session. An answer without an id belongs to its session. */
  owns(session: number, answer: string): boolean {
    if (answer === "") return true
    const known = this.#known.get(answer)
    if (known !== undefined) return known === session
    const key = hash53(`answer ${answer}`)
    const isFirst = this.#addKey.run(key, session).changes === 1
    const owner = isFirst ? session : (this.#findOwner.get(key)?.owner ?? session)
    if (this.#known.size >= maxKnown) this.#known.clear()
    this.#known.set(answer, owner)
    return owner === session
  }
}
