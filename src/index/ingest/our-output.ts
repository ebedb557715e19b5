import type { RecordParts } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { IndexSource } from "../model/source.ts"
import { numberOf } from "../store/hashing.ts"
import type { Carry } from "./resume-state.ts"

/** Where a client says that an answer was too long for the transcript. */
const keptIn = /tool-results\/([\w.-]+\.(?:txt|json))/

/** Knows what this program itself printed into a session: also where that was kept in a file of its own. */
export class OurOutput {
  readonly #remember
  readonly #isKnown

  constructor(database: Database) {
    this.#remember = database.query(
      "insert or ignore into seen (session, record, part, sum) values (?, ?, 0, 0)",
    )
    this.#isKnown = database.query("select 1 from seen where session = ? and record = ?")
  }

  marked(said: RecordParts, source: IndexSource, session: number, carry: Carry): RecordParts {
    if (source.form === "text" || source.form === "pieces") {
      const name = source.document.slice(source.document.lastIndexOf("/") + 1)
      return this.#isKnown.get(session, numberOfFile(name)) === null ? said : printed(said, () => true)
    }
    const isOurs = (part: RecordParts["parts"][number]) =>
      part.kind === "tool_result" && carry.isOurs(part.call)
    if (!said.parts.some(isOurs)) return said
    for (const part of said.parts) {
      const name = isOurs(part) ? keptIn.exec(part.text)?.[1] : undefined
      if (name !== undefined) this.#remember.run(session, numberOfFile(name))
    }
    return printed(said, isOurs)
  }
}

function numberOfFile(name: string): number {
  return numberOf(`printed by this program: ${name}`)
}

function printed(said: RecordParts, which: (part: RecordParts["parts"][number]) => boolean): RecordParts {
  return { ...said, parts: said.parts.map((part) => (which(part) ? { ...part, ours: true } : part)) }
}
