import type { FileVersion } from "../../domain/session/file-stat.ts"
import type { Database } from "../../system/sqlite/database.ts"

/** What a plugin has read of a file, and what the file was like then. */
export interface FileFactsRow extends FileVersion {
  readonly path: string
  /** Which plugin, and which form of facts. */
  readonly format: string
  /** JSON. */
  readonly facts: string
}

/** An index that no version with this table has written to does not have it. */
const table = `create table if not exists file_facts (
  path text primary key, device integer not null, inode integer not null, size integer not null,
  modified real not null, changed real not null, format text not null, facts text not null) without rowid`

const columns = "path, device, inode, size, modified as modifiedAt, changed as changedAt, format, facts"

/** Rows of facts about files, by path. */
export class FileFactsRows {
  readonly #database: Database
  #exists: boolean

  constructor(database: Database) {
    this.#database = database
    const found = database
      .query("select 1 from sqlite_schema where type = 'table' and name = 'file_facts'")
      .get()
    this.#exists = found !== null
  }

  at(path: string): FileFactsRow | null {
    if (!this.#exists) return null
    return this.#database
      .query<FileFactsRow, [string]>(`select ${columns} from file_facts where path = ?`)
      .get(path)
  }

  /** Those that there are of these files. One question for thousands: asking for each takes three times as long. */
  of(paths: readonly string[]): FileFactsRow[] {
    if (!this.#exists) return []
    return this.#database
      .query<FileFactsRow, [string]>(
        `select ${columns} from file_facts where path in (select value from json_each(?))`,
      )
      .all(JSON.stringify(paths))
  }

  save({ path, device, inode, size, modifiedAt, changedAt, format, facts }: FileFactsRow): void {
    if (!this.#exists) this.#database.run(table)
    this.#exists = true
    this.#database
      .query("insert or replace into file_facts values (?, ?, ?, ?, ?, ?, ?, ?)")
      .run(path, device, inode, size, modifiedAt, changedAt, format, facts)
  }

  remove(path: string): void {
    if (this.#exists) this.#database.query("delete from file_facts where path = ?").run(path)
  }
}
