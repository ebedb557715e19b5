/** Writes what is new in a file to the index: lines to records, records to parts, parts to rows. */

import { KiB, MiB } from "../../domain/bytes.ts"
import type { ReadRecord } from "../../domain/conversation/message-part.ts"
import type { Progress } from "../../domain/progress.ts"
import type { ScratchFile } from "../../system/fs/scratch-file.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { KnownSource } from "../model/known-source.ts"
import type { IndexSource, SourceReport } from "../model/source.ts"
import { isOneDocument } from "../records/whole-file.ts"
import { SourceRows } from "../store/source-rows.ts"
import type { SourceIngest } from "./entries.ts"
import { continues, currentEdges } from "./fingerprint.ts"
import { LineIngester, maxSkippedLines } from "./recorder.ts"
import { reportOf } from "./report.ts"
import { ResumeState } from "./resume-state.ts"
import { asError, SourceReading } from "./source-reading.ts"

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
    const reading = new SourceReading(work, from, {
      ingester: this.#ingester,
      makeScratch: this.#makeScratch,
      progress,
      onPiece: async (bytes) => {
        this.#bytes += bytes
        if (!reading.isBroken || progress.signal.aborted || this.#bytes < this.batchBytes) return
        await save(-1)
        this.#commit()
      },
    })
    const save = async (modified: number) => {
      dedup.endRuns()
      const { at: size, readTo } = reading
      const edges = await currentEdges(source, readTo)
      return this.sources.save(
        { ...known, ...stateToSave(work, known), ...edges, size, readTo, modified },
        source,
      )
    }
    dedup.startFile()
    this.#bytes += minBytesPerFile
    await reading.readAll()
    const { at, isBroken, error } = reading
    const now = await save(isBroken ? -1 : source.modifiedAt)
    if (this.#bytes >= this.batchBytes) this.#commit()
    const bytes = at - from
    return { ...reportOf(now), state: isBroken ? "broken-off" : state, parts: work.parts, bytes, error }
  }
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
