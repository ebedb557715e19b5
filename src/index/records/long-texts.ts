import type { RecordParts } from "../../domain/conversation/message-part.ts"
import { splitAtMarks } from "../../domain/conversation/placeholder.ts"
import { limits } from "../model/limits.ts"
import type { LineBytes, LongString } from "./line-bytes.ts"
import { restOf } from "./long-record.ts"

/** The beginning of a text of `size` characters, with a note of the omitted length. */
export function withOmissionNote(start: string, size: number): string {
  return size <= limits.shownChars ? start : `${start}…\n[and ${size - limits.shownChars} characters more]`
}

/** Restores the long strings that placeholders replace in a record's parts. */
export class LongTexts {
  readonly #bytes: LineBytes
  readonly #strings: readonly LongString[]

  constructor(bytes: LineBytes, strings: readonly LongString[]) {
    this.#bytes = bytes
    this.#strings = strings
  }

  /** Length of the whole text in characters. */
  lengthOf(text: string): number {
    return this.#cut(text).reduce((sum: number, each) => {
      if (typeof each === "string") return sum + each.length
      return sum + this.#find(each).length - this.#find(each).headLength
    }, 0)
  }

  /** The whole text, in chunks. */
  *chunks(text: string): Generator<string> {
    for (const each of this.#cut(text)) {
      if (typeof each === "string") yield each
      else yield* restOf(this.#bytes, this.#find(each))
    }
  }

  /** Truncates every field except texts and ids at its placeholder. */
  withoutMarks(record: RecordParts): RecordParts {
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

  /** Also restores the texts of the parts, up to `shownChars`. */
  withFullTexts(record: RecordParts): RecordParts {
    const shown = this.withoutMarks(record)
    const parts = shown.parts.map((part) => ({
      ...part,
      text: this.#fullText(part.text),
      ...(part.command === undefined ? {} : { command: this.#fullText(part.command) }),
    }))
    return { ...shown, parts }
  }

  #fullText(text: string): string {
    let start = ""
    for (const piece of this.chunks(text)) {
      start += piece
      if (start.length >= limits.shownChars) break
    }
    return withOmissionNote(start.slice(0, limits.shownChars), this.lengthOf(text))
  }

  #short(text: string): string {
    const [first = "", ...more] = this.#cut(text)
    if (more.length === 0 && typeof first === "string") return first
    return `${typeof first === "string" ? first : ""}…`
  }

  #cut(text: string): (string | number)[] {
    return splitAtMarks(text, (number) => this.#strings[number])
  }

  #find(number: number): LongString {
    const known = this.#strings[number]
    if (known === undefined) throw new Error(`there is no long string ${number}`)
    return known
  }
}
