import type { Part, ReadRecord, RecordParts } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { RecordPlace } from "../model/record-place.ts"
import type { IndexSource, Skipped } from "../model/source.ts"
import type { LongTexts } from "../records/long-texts.ts"
import type { SessionRow } from "../store/sessions.ts"
import { Sightings } from "./dedup.ts"
import { OurOutput } from "./our-output.ts"
import { isOwn, OwnTexts } from "./own-texts.ts"
import { Rows } from "./part-writer.ts"
import type { Carry } from "./resume-state.ts"
import { sumOf } from "./text-sum.ts"
import { Spending } from "./token-usage.ts"
import { Waiting } from "./waiting.ts"

/** A file that is being read. */
export interface Work {
  readonly source: IndexSource
  readonly id: number
  readonly read: ReadRecord
  readonly carry: Carry
  readonly skipped: Skipped[]
  /** How many records there are of each type that is not known. */
  readonly strange: Map<string, number>
  damaged: number
  parts: number
}

/** What a record says becomes rows, if it is new: the client's own words once for all sessions, the others once in theirs. */
export class Entries {
  readonly sightings: Sightings
  readonly #rows: Rows
  readonly #spending: Spending
  readonly #own: OwnTexts
  readonly #waiting: Waiting
  readonly #ours: OurOutput

  constructor(database: Database) {
    this.#rows = new Rows(database)
    this.sightings = new Sightings(database)
    this.#spending = new Spending(database)
    this.#own = new OwnTexts(database)
    this.#waiting = new Waiting(database)
    this.#ours = new OurOutput(database)
  }

  forget(): void {
    this.#rows.forget()
    this.#spending.forget()
    this.#own.forget()
  }

  flush(): void {
    this.#rows.blocks.flush()
    this.#rows.sessions.save()
    this.#spending.save()
  }

  /** The number of the session whose file it is. */
  sessionOf({ agent, session }: IndexSource): number {
    return this.#rows.sessions.of(agent, session ?? "").id
  }

  /** `sum`: of the record's bytes. `long`: what the stand-ins in it stand for. */
  add(
    work: Work,
    read: RecordParts,
    offset: number,
    length: number,
    sum: () => number,
    long: LongTexts | null = null,
  ): void {
    const { source, carry } = work
    const uuid = read.session ?? source.session ?? ""
    const session = this.#rows.sessions.of(source.agent, uuid)
    if (read.unknown !== undefined) work.strange.set(read.unknown, (work.strange.get(read.unknown) ?? 0) + 1)
    if (read.about !== undefined && !this.sightings.knows(session.id, read.about)) {
      carry.hold({ read, offset, length })
      return
    }
    // what a queue or a list of names says, says nothing of a folder
    const filed = read.cwd === null ? { ...read, cwd: this.#rows.names.value(session.project) } : read
    const said = this.#ours.marked(filed, source, session.id, carry)
    const place = {
      source: work.id,
      agent: source.agent,
      session: uuid,
      holder: this.#holder(source, uuid),
      offset,
      length,
    }
    this.#said(work, said, place, session, sum, long)
    for (const held of carry.heldFor(read.id))
      this.add(work, { ...held.read, session: uuid }, held.offset, held.length, sum)
  }

  #holder(source: IndexSource, uuid: string): number | null {
    return source.session === null || source.session === uuid ? null : this.sessionOf(source)
  }

  #said(
    work: Work,
    said: RecordParts,
    place: RecordPlace,
    session: SessionRow,
    sum: () => number,
    long: LongTexts | null,
  ): void {
    const { carry } = work
    const own = said.parts.filter(isOwn)
    const parts = own.length === 0 ? said.parts : said.parts.filter((part) => !isOwn(part))
    for (const part of own) this.#ownText(place, said, part, carry, long)
    if (parts.some((part) => part.waits === true)) {
      this.#waitingPrompts(work, { ...said, parts }, place, session, long)
      return
    }
    const record = own.length === 0 ? said : { ...said, parts }
    if (parts.length > 0) {
      const texts = record.id === null || work.source.form !== undefined ? null : sumOf(parts, long)
      const seen = { place, session: session.id, record, next: this.#rows.nextPart, texts }
      if (!this.sightings.isNew(seen, carry, sum)) {
        if (said.usage !== null) carry.usageBefore(said.usage) // its answer may go on behind what is known
        return
      }
      if (session.waiting > 0)
        for (const part of parts)
          if (part.role === "user") this.#waiting.met(session, part.text, this.#rows.nextPart)
      this.#rows.add(place, record, carry, long)
    }
    work.parts += parts.length
    this.#note(session, record, parts.length)
    if (said.usage !== null) {
      const model = this.#rows.names.id(said.model)
      const at = { source: work.id, session: session.id, time: said.time, model }
      this.#spending.add(at, said.usage, carry.usageBefore(said.usage))
    }
  }

  #note(session: SessionRow, said: RecordParts, parts: number): void {
    this.#rows.sessions.note(session, said, this.#rows.names.id(said.cwd), parts)
  }

  #ownText(place: RecordPlace, said: RecordParts, part: Part, carry: Carry, long: LongTexts | null): void {
    const pieces = long === null ? [part.text] : long.pieces(part.text)
    if (this.#own.isNew(part, pieces, this.#rows.nextPart, place))
      this.#rows.add(place, { ...said, usage: null, parts: [part] }, carry, long)
  }

  /** Of a session that is known otherwise, what was typed before the last of it is known as well. */
  #waitingPrompts(
    work: Work,
    said: RecordParts,
    place: RecordPlace,
    session: SessionRow,
    long: LongTexts | null,
  ): void {
    const isTrace = said.parts.some(({ kind }) => kind === "prompt")
    const isKnown = session.parts > session.waiting && (said.time ?? 0) <= (session.last ?? 0)
    if (isTrace && isKnown) return
    let added = 0
    for (const part of said.parts) {
      if (part.text.trim() === "" || !this.#waiting.isNew(session, part.text, this.#rows.nextPart)) continue
      this.#rows.add(place, { ...said, parts: [part] }, work.carry, long)
      added++
    }
    work.parts += added
    this.#note(session, said, added)
  }
}
