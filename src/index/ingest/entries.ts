import type { Part, ReadRecord, RecordParts } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import { knownTextSum } from "../model/packed-text.ts"
import type { RecordLocation } from "../model/record-place.ts"
import type { IndexSource, Skipped } from "../model/source.ts"
import type { LongTexts } from "../records/long-texts.ts"
import type { SessionRow } from "../store/sessions.ts"
import { AnswerOwners } from "./answer-owners.ts"
import { ClientTexts, isClientText } from "./client-texts.ts"
import { Deduplicator } from "./dedup.ts"
import { OwnOutput } from "./own-output.ts"
import { PartWriter } from "./part-writer.ts"
import { QueuedPrompts } from "./queued-prompts.ts"
import type { ResumeState } from "./resume-state.ts"
import { textSum } from "./text-sum.ts"
import { TokenUsageWriter } from "./token-usage.ts"

/** State of a file while it is read. */
export interface SourceIngest {
  readonly source: IndexSource
  readonly id: number
  readonly read: ReadRecord
  readonly resume: ResumeState
  readonly skipped: Skipped[]
  /** Number of records by type, for types this program does not know. */
  readonly unknownTypes: Map<string, number>
  damaged: number
  parts: number
}

/** Adds new records to the index: client texts once for all sessions, everything else once per session. */
export class RecordIngester {
  readonly dedup: Deduplicator
  readonly #parts: PartWriter
  readonly #tokenUsage: TokenUsageWriter
  readonly #answerOwners: AnswerOwners
  readonly #clientTexts: ClientTexts
  readonly #queuedPrompts: QueuedPrompts
  readonly #ownOutput: OwnOutput

  constructor(database: Database) {
    this.#parts = new PartWriter(database)
    this.dedup = new Deduplicator(database)
    this.#tokenUsage = new TokenUsageWriter(database)
    this.#answerOwners = new AnswerOwners(database)
    this.#clientTexts = new ClientTexts(database)
    this.#queuedPrompts = new QueuedPrompts(database)
    this.#ownOutput = new OwnOutput(database)
  }

  /** For much that is to be added: uses more threads for it. */
  compressInBackground(): void {
    this.#parts.blocks.inBackground = true
  }

  forget(): void {
    this.#parts.forget()
    this.#tokenUsage.forget()
    this.#answerOwners.forget()
    this.#clientTexts.forget()
    this.#queuedPrompts.forget()
  }

  flush(): void {
    this.#parts.blocks.flush()
    this.#parts.sessions.save()
    this.#tokenUsage.save()
    this.#queuedPrompts.flush()
  }

  /** Id of the session that owns the file. */
  sessionOf({ agent, session }: IndexSource): number {
    return this.#parts.sessions.of(agent, session ?? "").id
  }

  /** `sum`: checksum of the record's bytes. `long`: the strings behind its placeholders. */
  add(
    work: SourceIngest,
    read: RecordParts,
    offset: number,
    length: number,
    sum: () => number,
    long: LongTexts | null = null,
  ): void {
    const { source, resume } = work
    const uuid = read.session ?? source.session ?? ""
    const session = this.#parts.sessions.of(source.agent, uuid)
    if (read.unknown !== undefined)
      work.unknownTypes.set(read.unknown, (work.unknownTypes.get(read.unknown) ?? 0) + 1)
    if (read.about !== undefined && !this.dedup.hasRecord(session.id, read.about)) {
      resume.defer({ record: read, offset, length })
      return
    }
    // records of queues and names have no folder: use the session's
    const filed = read.cwd === null ? { ...read, cwd: this.#parts.names.value(session.project) } : read
    const parsed = this.#ownOutput.mark(filed, source, session.id, resume)
    const place = {
      source: work.id,
      agent: source.agent,
      session: uuid,
      fileOwner: this.#fileOwner(source, uuid),
      offset,
      length,
    }
    this.#addRecord(work, parsed, place, session, sum, long)
    for (const held of resume.takeDeferred(read.id))
      this.add(work, { ...held.record, session: uuid }, held.offset, held.length, sum)
  }

  #fileOwner(source: IndexSource, uuid: string): number | null {
    return source.session === null || source.session === uuid ? null : this.sessionOf(source)
  }

  #addRecord(
    work: SourceIngest,
    parsed: RecordParts,
    place: RecordLocation,
    session: SessionRow,
    sum: () => number,
    long: LongTexts | null,
  ): void {
    const { resume } = work
    const own = parsed.parts.filter(isClientText)
    const parts = own.length === 0 ? parsed.parts : parsed.parts.filter((part) => !isClientText(part))
    for (const part of own) this.#addClientText(place, parsed, part, resume, long)
    if (parts.some((part) => part.queued === true)) {
      this.#addQueuedPrompts(work, { ...parsed, parts }, place, session, long)
      return
    }
    const record = own.length === 0 ? parsed : { ...parsed, parts }
    if (parts.length > 0) {
      const isCompared = record.id !== null && work.source.form === undefined
      const texts = isCompared ? (knownTextSum(parsed) ?? textSum(parts, long)) : null
      const seen = { place, session: session.id, record, nextPart: this.#parts.nextPart, textSum: texts }
      if (!this.dedup.isNew(seen, resume, sum)) {
        if (parsed.usage !== null) resume.replaceUsage(parsed.usage) // the answer may continue after the known part
        return
      }
      for (const part of parts) {
        if (part.role !== "user") continue
        if (session.queued > 0) this.#queuedPrompts.deliver(session, part.text, this.#parts.nextPart)
        if (part.kind === "text") this.#queuedPrompts.say(session, part.text, this.#parts.nextPart)
      }
      this.#parts.add(place, record, resume, long)
    }
    work.parts += parts.length
    this.#note(session, record, parts.length)
    if (parsed.usage !== null && this.#answerOwners.owns(session.id, parsed.usage.answer)) {
      const model = this.#parts.names.id(parsed.model)
      const at = { source: work.id, session: session.id, time: parsed.time, model }
      this.#tokenUsage.add(at, parsed.usage, resume.replaceUsage(parsed.usage))
    }
  }

  #note(session: SessionRow, parsed: RecordParts, parts: number): void {
    this.#parts.sessions.note(session, parsed, this.#parts.names.id(parsed.cwd), parts)
  }

  #addClientText(
    place: RecordLocation,
    parsed: RecordParts,
    part: Part,
    carry: ResumeState,
    long: LongTexts | null,
  ): void {
    const pieces = long === null ? [part.text] : long.chunks(part.text)
    if (this.#clientTexts.isNew(part, pieces, this.#parts.nextPart, place))
      this.#parts.add(place, { ...parsed, usage: null, parts: [part] }, carry, long)
  }

  /**
   * Listed prompts older than the end of a known conversation are in that conversation already; so is the one at its
   * end, which is listed a moment after it was said.
   */
  #addQueuedPrompts(
    work: SourceIngest,
    parsed: RecordParts,
    place: RecordLocation,
    session: SessionRow,
    long: LongTexts | null,
  ): void {
    const isTrace = parsed.parts.some(({ kind }) => kind === "prompt")
    const isKnown = session.parts > session.queued && (parsed.time ?? 0) <= (session.last ?? 0)
    if (isTrace && isKnown) return
    let added = 0
    for (const part of parsed.parts) {
      if (isTrace && parsed.time !== null && this.#queuedPrompts.wasSaid(session, part.text, parsed.time))
        continue
      if (part.text.trim() === "" || !this.#queuedPrompts.isNew(session, part.text, this.#parts.nextPart))
        continue
      this.#parts.add(place, { ...parsed, parts: [part] }, work.resume, long)
      added++
    }
    work.parts += added
    this.#note(session, parsed, added)
  }
}
