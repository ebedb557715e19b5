/** Writes what is new in a file to the index: lines to records, records to parts, parts to rows. */

import { KiB, MiB } from "../../domain/bytes.ts"
import type { ReadRecord } from "../../domain/conversation/message-part.ts"
import type { Progress } from "../../domain/progress.ts"
import type { ScratchFile } from "../../system/fs/scratch-file.ts"
import { withYields } from "../../system/runtime/yield.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { KnownSource } from "../model/known-source.ts"
import type { IndexSource, SourceReport } from "../model/source.ts"
import { LineSplitter } from "../records/lines.ts"
import { ChunkSplitter } from "../records/text-chunks.ts"
import { DocumentReader, isOneDocument } from "../records/whole-file.ts"
import { SourceRows } from "../store/source-rows.ts"
import type { SourceIngest } from "./entries.ts"
import { continues, currentEdges } from "./fingerprint.ts"
import { LineIngester, maxSkippedLines } from "./recorder.ts"
import { reportOf } from "./report.ts"
import { ResumeState } from "./resume-state.ts"

/** Bytes read between two commits; a crash loses at most this much work. */
const defaultBatchBytes = 96 * MiB
/** Added to a batch for every file, because small files take time too: other writers must not wait too long. */
const minBytesPerFile = 16 * KiB

/**
 * Reads files into rows of an open transaction. `pause` commits and continues; `scratch` creates a file for a line that
 * is too long for memory.
 */
export class Updater {
  readonly sources: SourceRows
  readonly #database: Database
  #ingesterOrNull: LineIngester | null = null
  readonly #commit: () => void
  readonly #makeScratch: () => ScratchFile
  #bytes = 0

  constructor(
    database: Database,
    pause: () => void,
    scratch: () => ScratchFile,
    readonly batchBytes: number = defaultBatchBytes,
  ) {
    this.sources = new SourceRows(database)
    this.#database = database
    this.#commit = pause
    this.#makeScratch = scratch
  }

  /** Created when there is something to record: most runs find nothing new. */
  get #ingester(): LineIngester {
    this.#ingesterOrNull ??= new LineIngester(this.#database)
    return this.#ingesterOrNull
  }

  forget(): void {
    this.#ingester.forget()
  }

  flush(): void {
    this.#ingester.flush()
    this.#bytes = 0
  }

  async update(source: IndexSource, read: ReadRecord, progress: Progress): Promise<SourceReport> {
    const known = this.sources.find(source)
    if (known === null) return this.#read(source, this.sources.add(source), "new", read, progress)
    const same =
      known.file === source.file && known.size === source.size && known.modified === source.modifiedAt
    const onward = same || (!isOneDocument(source.form) && (await continues(known, source).catch(asError)))
    if (onward instanceof Error) {
      return { ...reportOf(known), state: "broken-off", error: onward }
    }
    if (!onward) return this.#read(source, this.sources.retire(known, source), "rewritten", read, progress)
    if (known.size !== source.size) return this.#read(source, known, "appended", read, progress)
    return reportOf(this.sources.settle(known, source))
  }

  async #read(
    source: IndexSource,
    known: KnownSource,
    state: SourceReport["state"],
    read: ReadRecord,
    progress: Progress,
  ): Promise<SourceReport> {
    const from = known.readTo
    const { dedup } = this.#ingester
    const work: SourceIngest = {
      source,
      id: known.id,
      read,
      ...restoreState(known),
      damaged: known.damaged,
      parts: 0,
    }
    const lines = new LineSplitter(from, this.#makeScratch)
    const cutter = cutterOf(source, from, lines)
    let bytes = 0
    let error: Error | null = null
    const save = async (readTo: number, modified: number) => {
      dedup.endRuns()
      const edges = await currentEdges(source, readTo)
      return this.sources.save(
        { ...known, ...stateToSave(work, known), ...edges, size: from + bytes, readTo, modified },
        source,
      )
    }
    dedup.startFile()
    this.#bytes += minBytesPerFile
    for await (const piece of chunksOf(source, from)) {
      if (piece instanceof Error) {
        error = piece
        break
      }
      const chunk = piece.subarray(0, source.size - from - bytes) // the file may have grown since its size was read
      for (const line of cutter.split(chunk)) this.#ingester.line(work, line)
      bytes += chunk.length
      this.#bytes += chunk.length
      progress.advance(chunk.length)
      if (from + bytes >= source.size || progress.signal.aborted) break
      if (this.#bytes >= this.batchBytes) {
        await save(cutter.offset, -1)
        this.#commit()
      }
    }
    const broken = from + bytes < source.size
    if (broken && !progress.signal.aborted) error ??= new Error("it became shorter while it was read")
    let done = cutter.offset
    if (!broken) for (const line of cutter.rest()) done += this.#ingester.lastLine(work, line)
    if (!broken && isOneDocument(source.form)) done = from + bytes
    lines.close()
    const now = await save(done, broken ? -1 : source.modifiedAt)
    if (this.#bytes >= this.batchBytes) this.#commit()
    return { ...reportOf(now), state: broken ? "broken-off" : state, parts: work.parts, bytes, error }
  }
}

function cutterOf({ form }: IndexSource, from: number, lines: LineSplitter) {
  if (form !== undefined && isOneDocument(form)) return new DocumentReader(form)
  return form === "text" ? new ChunkSplitter(from) : lines
}

/** The file's pieces. A read error is yielded as the last one, to distinguish it from errors of the indexing. */
async function* chunksOf(source: IndexSource, from: number): AsyncGenerator<Uint8Array | Error> {
  try {
    yield* withYields(source.open(from))
  } catch (error) {
    yield asError(error)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function restoreState({
  resume,
  skipped,
  unknownTypes,
}: KnownSource): Pick<SourceIngest, "resume" | "skipped" | "unknownTypes"> {
  return {
    resume: new ResumeState(resume),
    skipped: skipped === null ? [] : JSON.parse(skipped),
    unknownTypes: new Map(unknownTypes === null ? [] : Object.entries(JSON.parse(unknownTypes))),
  }
}

function stateToSave(work: SourceIngest, known: KnownSource) {
  const { resume, skipped, damaged, parts } = work
  const listed = skipped.length === 0 ? null : JSON.stringify(skipped.slice(0, maxSkippedLines))
  const unknownTypes =
    work.unknownTypes.size === 0 ? null : JSON.stringify(Object.fromEntries(work.unknownTypes))
  return { resume: resume.save(), skipped: listed, damaged, unknownTypes, parts: known.parts + parts }
}
