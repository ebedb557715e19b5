import { lstatSync } from "node:fs"
import { addSummaries, emptySummary, type IndexSummary } from "../../domain/conversation/index-summary.ts"
import { readShown } from "../../domain/disk-path.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import {
  type FileState,
  type IndexSource,
  IndexWriter,
  isUnchanged,
  NumberSet,
  type SourceReport,
} from "../../index/index.ts"
import { everyFolders } from "../../rescue/catalog/folders.ts"
import { readArchived } from "../../rescue/catalog/saved-exports.ts"
import { indexPath, type Paths } from "../../system/config/paths.ts"
import { fsPath } from "../../system/fs/files.ts"
import { builtInDetectPlugins } from "../plugin-registry.ts"
import type { FactsStore } from "./session-facts.ts"
import { storedPathOf } from "./sources.ts"

/** Keeps the index open for writing while files are read into it. */
export class IndexIngest {
  readonly #writer: IndexWriter
  #summary: IndexSummary = emptySummary
  /** The summary at the last commit, to which a rollback returns. */
  #committed: IndexSummary = emptySummary
  #durationMs = 0
  /** Ids of files that were seen in this run and therefore exist. */
  readonly #seen = new NumberSet()

  constructor(writer: IndexWriter) {
    this.#writer = writer
  }

  /** Where facts about files are kept. */
  get facts(): FactsStore {
    return this.#writer
  }

  /** Sum over everything read so far. */
  get summary(): IndexSummary {
    return this.#summary
  }

  /** Time spent reading, in milliseconds. */
  get durationMs(): number {
    return this.#durationMs
  }

  /** Whether the index has all of the file's current contents. */
  isRead(file: FileState): boolean {
    return this.#writer.isCurrent(file)
  }

  /** The same, and marks the file as seen. */
  isCurrent(file: FileState): boolean {
    const known = this.#writer.find(file.path)
    if (known === null) return false
    this.#seen.add(known.id)
    return isUnchanged(known, file)
  }

  /** Whether any contents of the file were read before. */
  isKnown(path: string): boolean {
    return this.#writer.known(path) !== null
  }

  /** Prepares for many `isCurrent` calls with paths from `first` to `last`. */
  prefetch(first: string, last: string): void {
    this.#writer.prefetch(first, last)
  }

  /**
   * Reads what is new in these files. `lasting`: commit before returning; otherwise `settle` commits, because
   * committing each of thousands of small files took ten times as long. `mayGo`: a file that no longer exists is not an
   * error, because another run may have archived it or its client may have purged it.
   */
  async read(
    sources: readonly IndexSource[],
    progress: Progress,
    lasting = true,
    mayGo = false,
  ): Promise<IndexSummary> {
    let sum = emptySummary
    const began = performance.now()
    try {
      for (const source of sources) {
        if (progress.signal.aborted) break
        const read = builtInDetectPlugins().find(({ agent }) => agent === source.agent)?.readRecord
        if (read === undefined) continue
        const found = summaryOf(await this.#writer.update(source, read, progress), source)
        const gone = mayGo && found.incomplete.length > 0 && !exists(source.path)
        if (gone) this.#forget(source.path)
        sum = addSummaries(sum, gone ? { ...found, incomplete: [] } : found)
      }
      if (lasting) this.#writer.commit()
    } catch (error) {
      this.#summary = this.#committed
      throw error
    } finally {
      this.#durationMs += performance.now() - began
    }
    this.#summary = addSummaries(this.#summary, sum)
    if (lasting) this.#committed = this.#summary
    return sum
  }

  /** Commits what was read without `lasting`. On an error it is rolled back. */
  commit(): void {
    const began = performance.now()
    try {
      this.#writer.commit()
      this.#committed = this.#summary
    } catch (error) {
      this.#summary = this.#committed
      throw error
    } finally {
      this.#durationMs += performance.now() - began
    }
  }

  /**
   * Updates files that were moved or deleted: the rows of an archived export follow it, all others stay and are marked.
   */
  settle({ data }: Paths): void {
    const folders = everyFolders(data)
    let last: SavedExport | null = null // the files of an export are adjacent
    const find = (name: string, path: string) => {
      const archive = folders.find(({ pending }) => path.startsWith(`${pending}/`))?.archive
      if (last?.name !== name) last = archive === undefined ? null : readArchived(archive, name)
      return last
    }
    for (const { id, path } of this.#writer.presentFiles(this.#seen)) {
      if (this.#seen.has(id) || exists(path)) continue
      const known = this.#writer.known(path)
      const archived = known?.export == null ? null : find(known.export, path)
      const file = archived?.manifest.files.find(
        ({ role, relative }) => (role === "transcript" ? "" : relative) === known?.document,
      )
      if (known === null || archived === null || file === undefined) this.#writer.markMissing(path)
      else {
        const { file: identity, size, modified } = known
        const to = { path: storedPathOf(archived, file), place: "archived" } as const
        this.#writer.move(path, { ...to, file: identity, size, modifiedAt: modified })
      }
    }
    this.#writer.commit()
  }

  #forget(path: string): void {
    const known = this.#writer.find(path)
    if (known !== null) this.#seen.delete(known.id)
  }

  close(): void {
    this.#writer.close()
  }
}

/** `writer`: an open index; by default, the index of the data folder is opened. */
export function openIngest(
  data: string,
  warn: (message: string) => void,
  writer: IndexWriter | null = null,
): IndexIngest {
  const onSetAside = (kept: string, why: string) =>
    warn(`the index was not usable (${why}) and is rebuilt; the old one was kept as ${kept}`)
  return new IndexIngest(writer ?? new IndexWriter(indexPath(data), onSetAside))
}

/** Rows are known as `DATABASE#ID`. */
function databaseIn(path: string): string {
  return path.replace(/#[^#/]*$/, "")
}

function exists(path: string): boolean {
  try {
    return [path, readShown(path), databaseIn(path)].some(
      (each) => lstatSync(fsPath(each), { throwIfNoEntry: false }) !== undefined,
    )
  } catch {
    return true // a file that cannot be examined is not known to be deleted
  }
}

function summaryOf(report: SourceReport, { form }: IndexSource): IndexSummary {
  const { path, state, parts, bytes, skipped, skippedCount, error } = report
  const why = error?.message ?? "interrupted"
  return {
    files: 1,
    read: state === "unchanged" ? 0 : 1,
    messages: parts,
    bytes,
    skipped: skipped.map(({ offset, length, why }) => ({ path, offset, length, why })),
    skippedCount,
    // clients rewrite a document each time
    rewritten: state === "rewritten" && form !== "whole" && form !== "list" ? [path] : [],
    incomplete: state === "broken-off" ? [{ path, why }] : [],
  }
}
