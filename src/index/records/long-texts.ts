import type { RecordParts } from "../../domain/conversation/message-part.ts"
import { cutAtMarks } from "../../domain/conversation/placeholder.ts"
import { measures } from "../model/limits.ts"
import type { LineBytes, LongString } from "./line-bytes.ts"
import { restOf } from "./long-record.ts"

/** The beginning of a text of `size` characters, with a word of what is left out. */
export function shortened(start: string, size: number): string {
  return size <= measures.shown ? start : `${start}…\n[and ${size - measures.shown} characters more]`
}

/** What the stand-ins in a record's parts stand for. */
export class LongTexts {
  readonly #bytes: LineBytes
  readonly #strings: readonly LongString[]

  constructor(bytes: LineBytes, strings: readonly LongString[]) {
    this.#bytes = bytes
    this.#strings = strings
  }

  /** Characters of the whole text. */
  lengthOf(text: string): number {
    return this.#cut(text).reduce((sum: number, each) => {
      if (typeof each === "string") return sum + each.length
      return sum + this.#known(each).length - this.#known(each).head
    }, 0)
  }

  /** The whole text, piece by piece. */
  *pieces(text: string): Generator<string> {
    for (const each of this.#cut(text)) {
      if (typeof each === "string") yield each
      else yield* restOf(this.#bytes, this.#known(each))
    }
  }

  /** What is no text of a part, and no name a record is known by, is cut off where a stand-in has its mark. */
  shown(record: RecordParts): RecordParts {
    const short = <T extends string | null | undefined>(text: T) => (text ? (this.#short(text) as T) : text)
    const { prompt, title } = record
    return {
      ...record,
      cwd: short(record.cwd),
      branch: short(record.branch),
      model: short(record.model),
      subagent: short(record.subagent),
      title: title === null ? null : { ...title, text: this.#short(title.text) },
      ...(prompt === undefined ? {} : { prompt: () => short(prompt()) }),
      parts: record.parts.map((part) => ({
        ...part,
        ...(part.tool === undefined ? {} : { tool: this.#short(part.tool) }),
        ...(part.files === undefined ? {} : { files: part.files.map((file) => this.#short(file)) }),
      })),
    }
  }

  /** With the parts' texts as they are handed out. */
  whole(record: RecordParts): RecordParts {
    const shown = this.shown(record)
    const parts = shown.parts.map((part) => ({
      ...part,
      text: this.#handedOut(part.text),
      ...(part.command === undefined ? {} : { command: this.#handedOut(part.command) }),
    }))
    return { ...shown, parts }
  }

  #handedOut(text: string): string {
    let start = ""
    for (const piece of this.pieces(text)) {
      start += piece
      if (start.length >= measures.shown) break
    }
    return shortened(start.slice(0, measures.shown), this.lengthOf(text))
  }

  #short(text: string): string {
    const [first = "", ...more] = this.#cut(text)
    if (more.length === 0 && typeof first === "string") return first
    return `${typeof first === "string" ? first : ""}…`
  }

  #cut(text: string): (string | number)[] {
    return cutAtMarks(text, (number) => this.#strings[number])
  }

  #known(number: number): LongString {
    const known = this.#strings[number]
    if (known === undefined) throw new Error(`there is no long string ${number}`)
    return known
  }
}
