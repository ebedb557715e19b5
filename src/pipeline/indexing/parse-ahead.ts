import { availableParallelism } from "node:os"
import type { DiskPath } from "../../domain/disk-path.ts"
import {
  type BatchMemory,
  type IndexSource,
  newBatchMemory,
  type PackedBatch,
  type ParsedStretch,
  stretchRecords,
} from "../../index/index.ts"
import { yieldToEvents } from "../../system/runtime/yield.ts"

export interface FileRequest {
  readonly file: number
  readonly agent: string
  readonly path: DiskPath
  readonly document: string
  readonly size: number
}

export type ParseRequest = { readonly files: readonly FileRequest[] } | BatchMemory

/** Batches of a thread, each of some MB: one being filled, one on its way, one being written. */
const batchesPerThread = 3
const maxThreads = 2

/** How many threads may parse beside the one that writes. On a machine with one processor: none. */
export function parseThreadCount(): number {
  return Math.min(maxThreads, availableParallelism() - 1)
}

interface ArrivedBatch {
  readonly batch: PackedBatch
  /** Stretches that are not finished. */
  left: number
}

interface ArrivedStretch {
  readonly from: ArrivedBatch
  readonly stretch: PackedBatch["stretches"][number]
}

/**
 * A thread that reads and parses files before they are written to the index, in the order in which they are requested.
 * What it holds is bounded by its batches: it waits until they come back. If it ends before it should, the files that
 * it has not finished are read by the caller.
 */
class ParseThread {
  readonly #worker = new Worker(new URL("./parse-worker.ts", import.meta.url).href, {
    smol: true,
  })
  readonly #arrived: ArrivedStretch[] = []
  #wake: (() => void) | null = null
  readonly #begun = Promise.withResolvers<void>()
  /** Resolves when it can parse, or has ended. */
  readonly begun = this.#begun.promise
  isReady = false
  hasEnded = false
  /** Bytes of the files that were requested and not taken. */
  due = 0

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<"ready" | PackedBatch>) => {
      if (data === "ready") {
        this.isReady = true
        this.#begun.resolve()
      } else {
        const from = { batch: data, left: data.stretches.length }
        this.#arrived.push(...data.stretches.map((stretch) => ({ from, stretch })))
      }
      this.#wake?.()
    }
    this.#worker.onerror = (event) => {
      event.preventDefault()
      this.end()
    }
    this.#worker.addEventListener("close", () => this.end())
    for (let count = 0; count < batchesPerThread; count++) this.#give(newBatchMemory())
  }

  request(files: readonly FileRequest[]): void {
    this.#worker.postMessage({ files } satisfies ParseRequest)
  }

  /** The stretches of a file; files requested before it are dropped. */
  async *take(file: number): AsyncGenerator<ParsedStretch> {
    for (;;) {
      const next = this.#arrived[0]
      if (next === undefined) {
        if (this.hasEnded) return
        await this.#message()
        continue
      }
      const { from, stretch } = next
      if (stretch.file > file) return
      await yieldToEvents() // timers, signals, and batches of the other threads
      this.#arrived.shift()
      try {
        const { end, read } = stretch
        if (stretch.file === file) yield { end, read, records: stretchRecords(from.batch, stretch) }
      } finally {
        if (--from.left === 0) this.#give(from.batch)
      }
      if (stretch.file === file && stretch.last) return
    }
  }

  end(): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.#worker.terminate()
    this.#begun.resolve()
    this.#wake?.()
  }

  #give({ texts, numbers }: BatchMemory): void {
    if (!this.hasEnded) this.#worker.postMessage({ texts, numbers }, [texts.buffer, numbers.buffer])
  }

  async #message(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = null
  }
}

/** Parses files in other threads, while earlier ones are written. */
export class ParseAhead {
  readonly #threads: readonly ParseThread[]
  #lastFile = 0

  constructor(threads: number) {
    this.#threads = Array.from({ length: threads }, () => new ParseThread())
  }

  /** false while the threads start, or after they ended. */
  get isReady(): boolean {
    return this.#threads.some(({ isReady, hasEnded }) => isReady && !hasEnded)
  }

  async allReady(): Promise<void> {
    await Promise.all(this.#threads.map(({ begun }) => begun))
  }

  /** The same files, with what another thread reads of them. They must be read into the index in this order. */
  request(sources: readonly IndexSource[]): readonly IndexSource[] {
    const requests = new Map<ParseThread, FileRequest[]>()
    const requested = sources.map((source) => {
      const { agent, diskPath: path, document, size } = source
      const thread = this.#leastBusy()
      if (path === undefined || thread === null) return source
      const file = ++this.#lastFile
      thread.due += size
      requests.set(thread, [...(requests.get(thread) ?? []), { file, agent, path, document, size }])
      return { ...source, parsed: () => finishing(thread, thread.take(file), size) }
    })
    for (const [thread, files] of requests) thread.request(files)
    return requested
  }

  close(): void {
    for (const thread of this.#threads) thread.end()
  }

  #leastBusy(): ParseThread | null {
    const able = this.#threads.filter(({ isReady, hasEnded }) => isReady && !hasEnded)
    return able.toSorted((a, b) => a.due - b.due)[0] ?? null
  }
}

async function* finishing(thread: ParseThread, stretches: AsyncIterable<ParsedStretch>, size: number) {
  try {
    yield* stretches
  } finally {
    thread.due -= size
  }
}
