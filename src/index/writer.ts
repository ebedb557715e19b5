import type { ReadRecord } from "../domain/conversation/message-part.ts"
import type { Progress } from "../domain/progress.ts"
import { ScratchFile } from "../system/fs/scratch-file.ts"
import type { Database } from "../system/sqlite/database.ts"
import { toDatabaseError } from "../system/sqlite/errors.ts"
import { reportOf } from "./ingest/report.ts"
import { Updater } from "./ingest/update.ts"
import type { KnownFile, KnownSource } from "./model/known-source.ts"
import type { IndexSource, SourceReport } from "./model/source.ts"
import { openToWrite } from "./open.ts"
import { type FileFactsRow, FileFactsRows } from "./store/file-facts.ts"
import { NumberSet } from "./store/number-set.ts"

/** Current identity, size and time of a file. `size` null: `file` tells it all. */
export type FileState = Pick<IndexSource, "path" | "file" | "modifiedAt"> & { readonly size: number | null }

/** What is known of the files with paths from `first` to `last`. */
interface PrefetchedFiles {
  readonly first: string
  readonly last: string
  readonly files: ReadonlyMap<string, KnownFile>
}

const filesPerPage = 1024

/** Writes to an index. Callers must not run two updates at once. */
export class IndexWriter {
  readonly path: string
  readonly #database: Database
  readonly #updater: Updater
  readonly #facts: FileFactsRows
  #prefetched: PrefetchedFiles | null = null
  #open = false
  #version = -1

  /**
   * `aside` is called when an index that was damaged or of another version was moved to `kept` and a new one was
   * created. `patience`: how long to wait for another writing process, in milliseconds. `batchBytes`: bytes read
   * between two commits.
   */
  constructor(
    path: string,
    aside: (kept: string, why: string) => void,
    options: { busyTimeoutMs?: number; batchBytes?: number } = {},
  ) {
    this.path = path
    this.#database = openToWrite(path, aside, options.busyTimeoutMs)
    this.#facts = new FileFactsRows(this.#database)
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
  }

  /**
   * The files that the index was made from and that existed when last checked; files whose ids are in `met` may be
   * omitted. The rows may be changed during the iteration.
   */
  *presentFiles(met = new NumberSet()): Generator<KnownFile> {
    const { sources } = this.#updater
    const last = this.#guarded(() => sources.lastId())
    for (let from = 1; from <= last; from += filesPerPage) {
      const to = from + filesPerPage - 1
      if (!met.hasRange(from, Math.min(to, last))) yield* this.#guarded(() => sources.present(from, to))
    }
  }

  /** Loads all files with paths from `first` to `last` in one query, which makes many `find` calls faster. */
  prefetch(first: string, last: string): void {
    const found = this.#guarded(() => this.#updater.sources.presentBetween(first, last))
    this.#prefetched = { first, last, files: new Map(found.map((each) => [each.path, each])) }
  }

  /** A file that existed when it was last checked. */
  find(path: string): KnownFile | null {
    const near = this.#prefetched
    if (near !== null && near.first <= path && path <= near.last) return near.files.get(path) ?? null
    const known = this.known(path)
    return known?.state === "present" ? known : null
  }

  /** Everything known about a file. */
  known(path: string): KnownSource | null {
    return this.#guarded(() => this.#updater.sources.at(path))
  }

  /** Whether the file is known and unchanged since it was read. */
  isCurrent(source: FileState): boolean {
    const known = this.find(source.path)
    return known !== null && isUnchanged(known, source)
  }

  /** Reads what is new in a file. It becomes durable with `commit`, or after `batchBytes`. */
  async update(source: IndexSource, read: ReadRecord, progress: Progress): Promise<SourceReport> {
    try {
      const known = this.#updater.sources.at(source.path)
      if (known?.state === "present" && isUnchanged(known, source)) return reportOf(known)
      this.#begin()
      return await this.#updater.update(source, read, progress)
    } catch (error) {
      throw this.#undo(error)
    }
  }

  /** Marks a deleted file; its parts stay searchable. */
  markMissing(path: string): void {
    try {
      const known = this.#updater.sources.at(path)
      if (known?.state !== "present") return
      this.#begin()
      this.#updater.sources.missing(known)
      this.#facts.remove(path)
    } catch (error) {
      throw this.#undo(error)
    }
  }

  factsAt(path: string): FileFactsRow | null {
    return this.#guarded(() => this.#facts.at(path))
  }

  saveFacts(row: FileFactsRow): void {
    try {
      this.#begin()
      this.#facts.save(row)
    } catch (error) {
      throw this.#undo(error)
    }
  }

  /** An exported file was moved, for example to the archive: its rows follow it. */
  move(from: string, to: Pick<IndexSource, "path" | "place" | "file" | "size" | "modifiedAt">): void {
    try {
      const known = this.#updater.sources.at(from)
      if (known?.state !== "present") return
      this.#begin()
      this.#updater.sources.move(known, to)
    } catch (error) {
      throw this.#undo(error)
    }
  }

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

  /** Closes without committing. */
  discard(): void {
    this.#database.close()
  }

  #begin(): void {
    this.#prefetched = null
    if (this.#open) return
    this.#database.run("begin immediate")
    this.#open = true
    const row = this.#database.query("pragma data_version").get() as { data_version: number }
    if (row.data_version !== this.#version) this.#updater.forget()
    this.#version = row.data_version
  }

  /** Rolls back uncommitted changes. */
  #undo(error: unknown): unknown {
    if (this.#open) {
      try {
        this.#database.run("rollback")
      } catch {
        // SQLite has already rolled back, as it does when the disk is full
      }
      this.#open = false
      this.#version = -1
      this.#prefetched = null
    }
    return toDatabaseError(error, this.path)
  }

  #guarded<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw toDatabaseError(error, this.path)
    }
  }
}

/** Whether a file is unchanged since it was read, by identity, size and time. */
export function isUnchanged(known: KnownFile, source: FileState): boolean {
  const sameSize = source.size === null || known.size === source.size
  return sameSize && known.modified === source.modifiedAt && known.file === source.file
}
