import type { Database } from "../system/sqlite/database.ts"
import { openUntouched, type Untouched } from "../system/sqlite/untouched.ts"
import { type FileFactsRow, FileFactsRows } from "./store/file-facts.ts"
import { schemaState } from "./store/schema.ts"

/** Reads facts about files from an index without writing anything. Whatever is wrong with the index, it has no facts. */
export class FileFactsReader {
  readonly #opened: Untouched
  readonly #rows: FileFactsRows

  private constructor(opened: Untouched) {
    this.#opened = opened
    this.#rows = new FileFactsRows(opened.database)
  }

  static open(path: string): FileFactsReader | null {
    let database: Database | null = null
    try {
      const opened = openUntouched(path)
      if (opened === null) return null
      database = opened.database
      if (schemaState(database) === "current") return new FileFactsReader(opened)
    } catch {
      // damaged, locked, or not to be read by this user
    }
    database?.close()
    return null
  }

  /** null when the index cannot be read, or was written in the meantime. */
  read(paths: readonly string[]): readonly FileFactsRow[] | null {
    try {
      const rows = this.#rows.of(paths)
      return this.#opened.isIntact() ? rows : null // safety: facts-intact
    } catch {
      return null
    }
  }

  close(): void {
    this.#opened.database.close()
  }
}
