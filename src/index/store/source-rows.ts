import type { Database } from "../../system/sqlite/database.ts"
import type { KnownFile, KnownSource } from "../model/known-source.ts"
import type { IndexSource } from "../model/source.ts"

const columns = `id, path, state, place, agent, session, document, export, file, size, read_to as readTo, modified,
  head_sum as headSum, tail_sum as tailSum, resume_state as resume, skipped, damaged, parts,
  unknown_types as unknownTypes`
/** Columns that show whether a file has changed; read for thousands of files. */
const changeColumns = "id, path, file, size, modified"

export class SourceRows {
  readonly #database: Database
  readonly #byPath
  readonly #byExport
  readonly #present
  readonly #between
  readonly #add
  readonly #save
  readonly #settle
  readonly #missing

  constructor(database: Database) {
    this.#database = database
    this.#byPath = database.query<KnownSource, [string]>(
      `select ${columns} from source where path = ? and state <> 'superseded'`,
    )
    this.#byExport = database.query<KnownSource, [string, string]>(
      `select ${columns} from source where export = ? and document = ? and state <> 'superseded'`,
    )
    this.#present = database.query<KnownFile, [number, number]>(
      `select ${changeColumns} from source where id between ? and ? and state = 'present'`,
    )
    this.#between = database.query<KnownFile, [string, string]>(
      `select ${changeColumns} from source where path between ? and ? and state = 'present' and state <> 'superseded'`,
    )
    this.#add = database.query<unknown, (string | null)[]>(
      `insert into source (path, state, place, agent, session, document, export, file, size, read_to, modified,
         head_sum, tail_sum) values (?, 'present', ?, ?, ?, ?, ?, ?, 0, 0, -1, 0, 0)`,
    )
    this.#save = database.query(
      `update source set state = iif(state = 'superseded', state, 'present'), file = ?, size = ?, read_to = ?,
         modified = ?, head_sum = ?, tail_sum = ?, resume_state = ?, skipped = ?, damaged = ?, parts = ?, unknown_types = ? where id = ?`,
    )
    this.#settle = database.query("update source set state = 'present', modified = ? where id = ?")
    this.#missing = database.query("update source set state = 'missing' where id = ? and path = ?")
  }

  /** Existing files, by a range of ids. */
  present(first: number, last: number): KnownFile[] {
    return this.#present.all(first, last)
  }

  /** Existing files, by a range of paths. */
  presentBetween(first: string, last: string): KnownFile[] {
    return this.#between.all(first, last)
  }

  lastId(): number {
    const row = this.#database.query<{ last: number | null }, []>("select max(id) as last from source").get()
    return row?.last ?? 0
  }

  at(path: string): KnownSource | null {
    return this.#byPath.get(path)
  }

  /** By path; an exported file is also found after its export was moved, for example to the archive. */
  find(source: IndexSource): KnownSource | null {
    const known = this.#byPath.get(source.path)
    if (known !== null || source.export === null) return known
    const moved = this.#byExport.get(source.export, source.document)
    return moved === null ? null : { ...this.move(moved, source), state: "present" }
  }

  add(source: IndexSource): KnownSource {
    const { path, place, agent, session, document, file } = source
    this.#add.run(path, place, agent, session, document, source.export, file)
    const added = this.#byPath.get(path)
    if (added === null) throw new Error(`the index could not take ${path}`)
    return added
  }

  /** An export has the same bytes at every location: its rows follow it. */
  move<T extends KnownFile>(
    known: T,
    to: Pick<IndexSource, "path" | "place" | "file" | "size" | "modifiedAt">,
  ): T {
    const modified = known.size === to.size ? to.modifiedAt : -1
    this.#database
      .query("update source set path = ?, place = ?, file = ?, modified = ?, state = 'present' where id = ?")
      .run(to.path, to.place, to.file, modified, known.id)
    return { ...known, path: to.path, place: to.place, file: to.file, modified }
  }

  save(known: KnownSource, { file }: IndexSource): KnownSource {
    const { size, readTo, modified, headSum, tailSum, resume, skipped, damaged, parts, unknownTypes, id } =
      known
    this.#save.run(
      file,
      size,
      readTo,
      modified,
      headSum,
      tailSum,
      resume,
      skipped,
      damaged,
      parts,
      unknownTypes,
      id,
    )
    return { ...known, file, state: "present" }
  }

  /** The file is unchanged but has a new time, or exists again after it was missing. */
  settle(known: KnownSource, { modifiedAt }: IndexSource): KnownSource {
    if (known.state !== "present" || known.modified !== modifiedAt) this.#settle.run(modifiedAt, known.id)
    return { ...known, state: "present", modified: modifiedAt }
  }

  /** Does nothing when another run has changed the path. */
  missing({ id, path }: KnownFile): void {
    this.#missing.run(id, path)
  }

  /** A file was rewritten: its old rows stay with a superseded source, and a new source is added for the file. */
  retire(known: KnownSource, source: IndexSource): KnownSource {
    const run = (sql: string) => this.#database.query(sql).run(known.id)
    run(
      `update source set state = 'superseded', resume_state = null, skipped = null, damaged = 0, unknown_types = null
       where id = ?`,
    )
    run("delete from source_overlap where source = ?")
    run("delete from record_location where source = ?")
    return this.add(source)
  }
}
