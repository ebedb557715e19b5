import type { Progress } from "../../domain/progress.ts"
import type { ScratchFile } from "../../system/fs/scratch-file.ts"
import { withYields } from "../../system/runtime/yield.ts"
import type { IndexSource } from "../model/source.ts"
import { LineSplitter } from "../records/lines.ts"
import { ChunkSplitter } from "../records/text-chunks.ts"
import { DocumentReader, isOneDocument } from "../records/whole-file.ts"
import type { SourceIngest } from "./entries.ts"
import type { LineIngester } from "./recorder.ts"

interface ReadingOptions {
  readonly ingester: LineIngester
  readonly makeScratch: () => ScratchFile
  readonly progress: Progress
  /** Called after every piece, with its bytes: the transaction may be committed then. */
  readonly onPiece: (bytes: number) => Promise<void>
}

/** Reads the bytes of one file into records: what another thread has parsed of it first, then the rest. */
export class SourceReading {
  /** Offset up to which bytes were read, and up to which they were processed. */
  at: number
  readTo: number
  error: Error | null = null
  readonly #work: SourceIngest
  readonly #options: ReadingOptions

  constructor(work: SourceIngest, from: number, options: ReadingOptions) {
    this.at = from
    this.readTo = from
    this.#work = work
    this.#options = options
  }

  /** Whether the file was not read to its end. */
  get isBroken(): boolean {
    return this.at < this.#work.source.size
  }

  async readAll(): Promise<void> {
    const { source } = this.#work
    if (source.parsed !== undefined && this.at === 0) await this.#readParsed(source.parsed())
    if (this.#isOver || (this.at > 0 && this.at === source.size)) return
    await this.#readRest()
  }

  get #isOver(): boolean {
    return this.error !== null || this.#options.progress.signal.aborted
  }

  async #readParsed(stretches: ReturnType<NonNullable<IndexSource["parsed"]>>): Promise<void> {
    const { ingester } = this.#options
    ingester.compressInBackground()
    for await (const { end, records, read } of stretches) {
      if (records === null) await this.#readLeftOut(end)
      else for (const record of records) ingester.packed(this.#work, record)
      if (this.#isOver) return
      this.readTo = end
      if (read !== null) await this.#note(read - this.at)
      if (this.#isOver) return
    }
    this.at = this.readTo // the beginning of a line was read by the other thread only
  }

  /** Reads the lines up to an offset that the other thread left out. */
  async #readLeftOut(to: number): Promise<void> {
    const lines = new LineSplitter(this.readTo, this.#options.makeScratch)
    let left = to - this.readTo
    for await (const piece of chunksOf(this.#work.source, this.readTo, left)) {
      if (piece instanceof Error) {
        this.error = piece
        break
      }
      for (const line of lines.split(piece.subarray(0, left))) this.#options.ingester.line(this.#work, line)
      left -= piece.length
    }
    if (lines.offset !== to) this.error ??= new Error("it changed while it was read")
    lines.close()
  }

  async #readRest(): Promise<void> {
    const { source } = this.#work
    const { ingester, makeScratch, progress } = this.#options
    const lines = new LineSplitter(this.at, makeScratch)
    const cutter = cutterOf(source, this.at, lines)
    for await (const piece of chunksOf(source, this.at)) {
      if (piece instanceof Error) {
        this.error = piece
        break
      }
      const chunk = piece.subarray(0, source.size - this.at) // the file may have grown since its size was read
      for (const line of cutter.split(chunk)) ingester.line(this.#work, line)
      this.readTo = cutter.offset
      await this.#note(chunk.length)
      if (!this.isBroken || progress.signal.aborted) break
    }
    if (this.isBroken && !progress.signal.aborted)
      this.error ??= new Error("it became shorter while it was read")
    if (!this.isBroken) for (const line of cutter.rest()) this.readTo += ingester.lastLine(this.#work, line)
    if (!this.isBroken && isOneDocument(source.form)) this.readTo = this.at
    lines.close()
  }

  async #note(bytes: number): Promise<void> {
    this.at += bytes
    this.#options.progress.advance(bytes)
    await this.#options.onPiece(bytes)
  }
}

function cutterOf({ form }: IndexSource, from: number, lines: LineSplitter) {
  if (form !== undefined && isOneDocument(form)) return new DocumentReader(form)
  return form === "text" ? new ChunkSplitter(from) : lines
}

/** The file's pieces. A read error is yielded as the last one, to distinguish it from errors of the indexing. */
async function* chunksOf(
  source: IndexSource,
  from: number,
  length?: number,
): AsyncGenerator<Uint8Array | Error> {
  try {
    yield* withYields(source.open(from, length))
  } catch (error) {
    yield asError(error)
  }
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
