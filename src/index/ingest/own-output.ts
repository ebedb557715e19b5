import type { RecordParts } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { IndexSource } from "../model/source.ts"
import { hash53 } from "../store/hashing.ts"
import type { ResumeState } from "./resume-state.ts"

/** Path that a client names when an answer was too long for the transcript. */
const savedOutputPattern = /tool-results\/([\w.-]+\.(?:txt|json))/

/** Recognizes this program's own output in a session, also when the client saved it in a separate file. */
export class OwnOutput {
  readonly #addFile
  readonly #findFile

  constructor(database: Database) {
    this.#addFile = database.query(
      "insert or ignore into record_key (session, record, part, sum) values (?, ?, 0, 0)",
    )
    this.#findFile = database.query("select 1 from record_key where session = ? and record = ?")
  }

  mark(said: RecordParts, source: IndexSource, session: number, carry: ResumeState): RecordParts {
    if (source.form === "text" || source.form === "pieces") {
      const name = source.document.slice(source.document.lastIndexOf("/") + 1)
      return this.#findFile.get(session, fileKey(name)) === null ? said : markParts(said, () => true)
    }
    const isOurs = (part: RecordParts["parts"][number]) =>
      part.kind === "tool_result" && carry.isOwnCall(part.call)
    if (!said.parts.some(isOurs)) return said
    for (const part of said.parts) {
      const name = isOurs(part) ? savedOutputPattern.exec(part.text)?.[1] : undefined
      if (name !== undefined) this.#addFile.run(session, fileKey(name))
    }
    return markParts(said, isOurs)
  }
}

function fileKey(name: string): number {
  return hash53(`printed by this program: ${name}`)
}

function markParts(said: RecordParts, which: (part: RecordParts["parts"][number]) => boolean): RecordParts {
  return {
    ...said,
    parts: said.parts.map((part) =>
      which(part) ? { ...part, text: part.text, bySessionRescue: true } : part,
    ),
  }
}
