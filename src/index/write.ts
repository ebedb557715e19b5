import type { ReadRecord } from "../session/part.ts"
import type { Database } from "../system/database.ts"
import { databaseError } from "../system/database-trouble.ts"
import { ScratchFile } from "../system/scratch-file.ts"
import type { KnownFile, KnownSource } from "./known-source.ts"
import { openToWrite } from "./open.ts"
import { reportOf } from "./report.ts"
import type { IndexSource, SourceReport } from "./source.ts"
import { type Reading, Updater } from "./update.ts"

/** A file as a look at it shows it. */
export type FileNow = Pick<IndexSource, "path" | "file" | "size" | "modifiedAt">

/** An index that is written to. One file after another: never two updates at once. */
export class IndexWriter {
  readonly path: string
  readonly #database: Database
  readonly #updater: Updater
  readonly #known: Map<string, KnownFile>
  #open = false
  #version = -1

  /**
   * `aside`: an index that was damaged or of another version was kept there; a new one was begun. `patience`: how
   * long another process that writes is waited for, in milliseconds. `batchBytes`: what is read between two commits.
   */
  constructor(
    path: string,
    aside: (kept: string, why: string) => void,
    options: { patience?: number; batchBytes?: number } = {},
  ) {
    this.path = path
    this.#database = openToWrite(path, aside, options.patience)
    this.#updater = new Updater(
      this.#database,
      () => {
        this.commit()
        Bun.gc(true)
        this.#begin()
      },
      () => new ScratchFile(path),
      options.batchBytes,
    )
    this.#known = this.#guarded(() => {
      const known = new Map<string, KnownFile>()
      for (const each of this.#updater.sources.present()) known.set(each.path, each)
      return known
    })
  }

  /** The files that the index was made from, as far as they were there at the last look. */
  get present(): Iterable<KnownFile> {
    return this.#known.values()
  }

  /** All that is known of a file. */
  known(path: string): KnownSource | null {
    return this.#guarded(() => this.#updater.sources.at(path))
  }

  /** Whether it is, by its size and time, what was read already. */
  isCurrent(source: FileNow): boolean {
    const known = this.#known.get(source.path)
    return known !== undefined && isSame(known, source)
  }

  /** Reads what is new in a file. It is lasting after `commit`, or when enough has come together. */
  async update(source: IndexSource, read: ReadRecord, reading: Reading): Promise<SourceReport> {
    const known = this.#known.get(source.path)
    try {
      const same = known !== undefined && isSame(known, source) ? this.#updater.sources.find(source) : null
      if (same !== null) return reportOf(same)
      this.#begin()
      const { report, now } = await this.#updater.update(source, read, reading)
      if (known === undefined && source.export !== null && report.state !== "new") this.#forgetMoved(now.id)
      const { id, size, modified } = now
      const { path } = source
      const file = now.file === source.file ? source.file : now.file // the same text, but already in memory
      this.#known.set(path, { id, path, file, size, modified }) // of the rest, thousands would take much memory
      return report
    } catch (error) {
      throw this.#undo(error)
    }
  }

  /** The file is not there any more; what was read of it stays findable. */
  markMissing(path: string): void {
    const known = this.#known.get(path)
    if (known === undefined) return
    try {
      this.#begin()
      this.#updater.sources.missing(known)
      this.#known.delete(path)
    } catch (error) {
      throw this.#undo(error)
    }
  }

  /** An export's file has a new place, as when it goes into the archive: what was read of it follows. */
  move(from: string, to: Pick<IndexSource, "path" | "place" | "file" | "size" | "modifiedAt">): void {
    const known = this.#known.get(from)
    if (known === undefined) return
    try {
      this.#begin()
      const now = this.#updater.sources.move(known, to)
      this.#known.delete(from)
      this.#known.set(to.path, now)
    } catch (error) {
      throw this.#undo(error)
    }
  }

  /** Makes lasting what was read. */
  commit(): void {
    if (!this.#open) return
    try {
      this.#updater.flush()
      this.#database.run("commit")
      this.#open = false
      Bun.gc(false)
    } catch (error) {
      throw this.#undo(error)
    }
  }

  close(): void {
    try {
      this.commit()
    } finally {
      this.#database.close()
    }
  }

  /** Closes it without making lasting what is not. */
  abandon(): void {
    this.#database.close()
  }

  #begin(): void {
    if (this.#open) return
    this.#database.run("begin immediate")
    this.#open = true
    const row = this.#database.query("pragma data_version").get() as { data_version: number }
    if (row.data_version !== this.#version) this.#updater.forget()
    this.#version = row.data_version
  }

  /** What was not lasting yet is taken back: the index is what it was. */
  #undo(error: unknown): unknown {
    if (this.#open) {
      try {
        this.#database.run("rollback")
      } catch {
        // SQLite has undone it by itself, as it does when the disk is full
      }
      this.#open = false
      this.#version = -1
      this.#known.clear()
    }
    return databaseError(error, this.path)
  }

  #forgetMoved(id: number): void {
    for (const [path, known] of this.#known) if (known.id === id) this.#known.delete(path)
  }

  #guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw databaseError(error, this.path)
    }
  }
}

function isSame(known: KnownFile, source: FileNow): boolean {
  return known.size === source.size && known.modified === source.modifiedAt && known.file === source.file
}
