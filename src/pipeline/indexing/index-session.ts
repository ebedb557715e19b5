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
    const [ingest, { exportedSources }] = await Promise.all([this.open(), import("./sources.ts")])
    const indexed = await ingest.read(exportedSources(exported), silent(signal))
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
