import { KiB, MiB } from "../../domain/bytes.ts"
import type { IndexSource } from "../../index/index.ts"
import type { IndexIngest } from "./index-work.ts"
import { ParseAhead } from "./parse-ahead.ts"

/** Files that are read together, such as those of a session. */
export interface SourceGroup {
  readonly label: string
  readonly sources: readonly IndexSource[]
}

/** Starting a thread takes as long as reading this much. A small file counts for more than it has. */
const minBytes = 8 * MiB
const minBytesPerFile = 16 * KiB
/** What is requested ahead, at most: a file that grows after it was looked up is read to its end by the next run. */
const maxGroups = 512
const maxBytes = 32 * MiB

/** Lets other threads parse the next files while one is written, once there is enough to read. */
export class Lookahead {
  readonly #index: IndexIngest
  readonly #threads: number
  #parse: ParseAhead | null = null
  #bytes = 0

  /** `threads`: to parse in; 0: none. */
  constructor(index: IndexIngest, threads: number) {
    this.#index = index
    this.#threads = threads
  }

  /** The same groups in the same order; each must be read before the next is requested. */
  async *through<T extends SourceGroup>(groups: Iterable<T>): AsyncGenerator<T> {
    const waiting: T[] = []
    let [bytes, isLast] = [0, false]
    const rest = groups[Symbol.iterator]()
    while (!isLast || waiting.length > 0) {
      const added: T[] = []
      const isLow = waiting.length <= maxGroups / 2 && bytes <= maxBytes / 2
      while (!isLast && (waiting.length + added.length === 0 || (isLow && this.#isParsing))) {
        const next = rest.next()
        isLast = next.done === true
        if (next.done === true) break
        added.push(next.value)
        bytes += bytesOf(next.value)
        if (waiting.length + added.length >= maxGroups || bytes >= maxBytes) break
      }
      waiting.push(...this.#requested(added))
      const group = waiting.shift()
      if (group === undefined) break
      yield group
      bytes -= bytesOf(group)
      this.#count(group)
    }
  }

  get hasStarted(): boolean {
    return this.#parse !== null
  }

  /** Resolves when the threads can parse, if there are any. */
  async ready(): Promise<void> {
    await this.#parse?.allReady()
  }

  close(): void {
    this.#parse?.close()
  }

  get #isParsing(): boolean {
    return this.#parse?.isReady === true
  }

  /** Starts the threads when there has been enough to read. */
  #count(group: SourceGroup): void {
    this.#bytes += bytesOf(group) + minBytesPerFile * group.sources.length
    if (this.#parse !== null || this.#threads === 0 || this.#bytes < minBytes) return
    this.#parse = new ParseAhead(this.#threads)
  }

  /** Files of which nothing is known are parsed from their beginning; all others are compared first. */
  #requested<T extends SourceGroup>(groups: readonly T[]): readonly T[] {
    if (this.#parse === null || !this.#isParsing) return groups
    const isWanted = ({ diskPath, path, size }: IndexSource) =>
      diskPath !== undefined && size > 0 && !this.#index.isKnown(path)
    const wanted = groups.flatMap(({ sources }) => sources.filter(isWanted))
    const parsed = this.#parse.request(wanted)
    const byPath = new Map(parsed.map((source) => [source.path, source]))
    return groups.map((group) => ({
      ...group,
      sources: group.sources.map((source) => byPath.get(source.path) ?? source),
    }))
  }
}

function bytesOf({ sources }: SourceGroup): number {
  return sources.reduce((sum, { size }) => sum + size, 0)
}
