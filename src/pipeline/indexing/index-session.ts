import type { IndexSummary } from "../../domain/conversation/index-summary.ts"
import type { Exported } from "../../domain/export/export.ts"
import { silent } from "../../domain/progress.ts"
import type { IndexWriter } from "../../index/index.ts"
import type { IndexIngest } from "./index-work.ts"

/**
 * The index writer of a run, shared by everything that writes to the index. It is opened on first use, which also loads
 * the index code: most runs never need it.
 */
export class IndexSession {
  readonly #data: string
  readonly #warn: (message: string) => void
  readonly #writer: IndexWriter | null
  #ingest: Promise<IndexIngest> | null = null
  /** Exports whose rows are in the open transaction. */
  readonly #uncommitted = new Map<string, Exported>()
  /** Exports whose rows were lost with a transaction and could not be read again. */
  readonly #lost = new Map<string, Error>()

  /** `writer`: an open index, which its owner closes. */
  constructor(data: string, warn: (message: string) => void, writer: IndexWriter | null = null) {
    this.#data = data
    this.#warn = warn
    this.#writer = writer
  }

  open(): Promise<IndexIngest> {
    if (this.#ingest !== null) return this.#ingest
    const opening = this.#load()
    this.#ingest = opening
    opening.catch(() => {
      this.#ingest = null // the next call tries again
    })
    return opening
  }

  /**
   * Reads an export into the index. Throws when one of its files could not be read completely, so that it is retried.
   */
  async readExport(exported: Exported, signal: AbortSignal): Promise<IndexSummary> {
    return this.#read(exported, signal, true)
  }

  /**
   * The same in a transaction that many exports share, until `commit`: committing each of thousands of small ones took
   * longer than reading them. If it fails, the others are read again, so that this export alone is without rows.
   */
  async addExport(exported: Exported, signal: AbortSignal): Promise<IndexSummary> {
    try {
      const indexed = await this.#read(exported, signal, false)
      this.#uncommitted.set(exported.name, exported)
      return indexed
    } catch (error) {
      if (this.#uncommitted.size === 0 || signal.aborted) throw error
      await this.#readAgain()
      return await this.#read(exported, signal, true)
    }
  }

  /**
   * Commits what `addExport` has read; cheap when it has read nothing. Returns the exports whose rows could not be
   * written, and why: what is said of them must not rely on the index.
   */
  async commit(): Promise<ReadonlyMap<string, Error>> {
    if (this.#uncommitted.size > 0) {
      try {
        ;(await this.open()).commit()
        this.#uncommitted.clear()
      } catch {
        await this.#readAgain()
      }
    }
    const lost = new Map(this.#lost)
    this.#lost.clear()
    return lost
  }

  /** After a transaction was rolled back: each export by itself. */
  async #readAgain(): Promise<void> {
    const again = [...this.#uncommitted.values()]
    this.#uncommitted.clear()
    for (const exported of again) {
      await this.#read(exported, new AbortController().signal, true).catch((error) =>
        this.#lost.set(exported.name, error),
      )
    }
  }

  async #read(exported: Exported, signal: AbortSignal, lasting: boolean): Promise<IndexSummary> {
    const [ingest, { exportedSources }] = await Promise.all([this.open(), import("./sources.ts")])
    const indexed = await ingest.read(exportedSources(exported), silent(signal), lasting)
    const [broken] = indexed.incomplete
    if (broken !== undefined) throw new Error(`${broken.path} was not read to its end: ${broken.why}`)
    return indexed
  }

  async close(): Promise<void> {
    const opened = this.#ingest
    this.#ingest = null
    if (opened === null || this.#writer !== null) return
    const ingest = await opened.catch(() => null) // reported by open()
    ingest?.close()
  }

  async #load(): Promise<IndexIngest> {
    const { openIngest } = await import("./index-work.ts")
    return openIngest(this.#data, this.#warn, this.#writer)
  }
}
