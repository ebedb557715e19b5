import type { ReadRecord } from "../../domain/conversation/message-part.ts"
import type { Progress } from "../../domain/progress.ts"
import type { ScratchFile } from "../../system/fs/scratch-file.ts"
import { withYields } from "../../system/runtime/yield.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { KnownSource } from "../model/known-source.ts"
import type { IndexSource, SourceReport } from "../model/source.ts"
import { LineCutter } from "../records/lines.ts"
import { PieceCutter } from "../records/text-chunks.ts"
import { isOneDocument, WholeFile } from "../records/whole-file.ts"
import { SourceRows } from "../store/source-rows.ts"
import type { Work } from "./entries.ts"
import { continues, edgesNow } from "./fingerprint.ts"
import { mostSkipped, Recorder } from "./recorder.ts"
import { reportOf } from "./report.ts"
import { Carry } from "./resume-state.ts"

/** After this many bytes what was read is made lasting, so that a crash costs no more than that. */
const usualBatch = 96 << 20
/** A file takes as long as so many bytes, however small: of many, too, others who write are not kept waiting. */
const perFile = 16 << 10

/**
 * Reads files into an open transaction's rows. `pause` makes lasting what there is, and goes on; `scratch` makes a file
 * for a line that is too long for memory.
 */
export class Updater {
  readonly sources: SourceRows
  readonly #database: Database
  #made: Recorder | null = null
  readonly #pause: () => void
  readonly #scratch: () => ScratchFile
  #bytes = 0

  constructor(
    database: Database,
    pause: () => void,
    scratch: () => ScratchFile,
    readonly batchBytes: number = usualBatch,
  ) {
    this.sources = new SourceRows(database)
    this.#database = database
    this.#pause = pause
    this.#scratch = scratch
  }

  /** Made when there is something to record: most runs find nothing new. */
  get #recorder(): Recorder {
    this.#made ??= new Recorder(this.#database)
    return this.#made
  }

  forget(): void {
    this.#recorder.forget()
  }

  /** Everything that is still in memory becomes rows. */
  flush(): void {
    this.#recorder.flush()
    this.#bytes = 0
  }

  async update(source: IndexSource, read: ReadRecord, progress: Progress): Promise<SourceReport> {
    const known = this.sources.find(source)
    if (known === null) return this.#read(source, this.sources.add(source), "new", read, progress)
    const same =
      known.file === source.file && known.size === source.size && known.modified === source.modifiedAt
    const onward = same || (!isOneDocument(source.form) && (await continues(known, source).catch(asError)))
    if (onward instanceof Error) {
      return { ...reportOf(known), state: "broken-off", trouble: onward }
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
    const from = known.done
    const { sightings } = this.#recorder
    const work: Work = { source, id: known.id, read, ...remembered(known), damaged: known.damaged, parts: 0 }
    const lines = new LineCutter(from, this.#scratch)
    const cutter = cutterOf(source, from, lines)
    let bytes = 0
    let trouble: Error | null = null
    const save = async (done: number, modified: number) => {
      sightings.pause()
      const edges = await edgesNow(source, done)
      return this.sources.save(
        { ...known, ...saved(work, known), ...edges, size: from + bytes, done, modified },
        source,
      )
    }
    sightings.begin()
    this.#bytes += perFile
    for await (const piece of pieces(source, from)) {
      if (piece instanceof Error) {
        trouble = piece
        break
      }
      const chunk = piece.subarray(0, source.size - from - bytes) // it may have grown since it was looked at
      for (const line of cutter.cut(chunk)) this.#recorder.line(work, line)
      bytes += chunk.length
      this.#bytes += chunk.length
      progress.advance(chunk.length)
      if (from + bytes >= source.size || progress.signal.aborted) break
      if (this.#bytes >= this.batchBytes) {
        await save(cutter.offset, -1)
        this.#pause()
      }
    }
    const broken = from + bytes < source.size
    if (broken && !progress.signal.aborted) trouble ??= new Error("it became shorter while it was read")
    let done = cutter.offset
    if (!broken) for (const line of cutter.rest()) done += this.#recorder.lastLine(work, line)
    if (!broken && isOneDocument(source.form)) done = from + bytes
    lines.close()
    const now = await save(done, broken ? -1 : source.modifiedAt)
    if (this.#bytes >= this.batchBytes) this.#pause()
    return { ...reportOf(now), state: broken ? "broken-off" : state, parts: work.parts, bytes, trouble }
  }
}

function cutterOf({ form }: IndexSource, from: number, lines: LineCutter) {
  if (form !== undefined && isOneDocument(form)) return new WholeFile(form)
  return form === "text" ? new PieceCutter(from) : lines
}

/** The file's pieces; an error while reading is the last of them, so that it is not taken for one of our own. */
async function* pieces(source: IndexSource, from: number): AsyncGenerator<Uint8Array | Error> {
  try {
    yield* withYields(source.open(from))
  } catch (error) {
    yield asError(error)
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function remembered({ carry, skipped, strange }: KnownSource): Pick<Work, "carry" | "skipped" | "strange"> {
  return {
    carry: new Carry(carry),
    skipped: skipped === null ? [] : JSON.parse(skipped),
    strange: new Map(strange === null ? [] : Object.entries(JSON.parse(strange))),
  }
}

function saved(work: Work, known: KnownSource) {
  const { carry, skipped, damaged, parts } = work
  const listed = skipped.length === 0 ? null : JSON.stringify(skipped.slice(0, mostSkipped))
  const strange = work.strange.size === 0 ? null : JSON.stringify(Object.fromEntries(work.strange))
  return { carry: carry.save(), skipped: listed, damaged, strange, parts: known.parts + parts }
}
