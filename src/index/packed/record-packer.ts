import type { Part, RecordParts } from "../../domain/conversation/message-part.ts"
import { partKinds, roles } from "../../domain/conversation/message-part.ts"
import { isClientText } from "../ingest/client-texts.ts"
import { textSum } from "../ingest/text-sum.ts"
import { spacedBytes } from "../text/fts-bytes.ts"
import { type BatchMemory, missingString, noString, partFlags, recordFlags } from "./batch.ts"

const encoder = new TextEncoder()
/** Numbers of a record, of a part and of a file name, at most. */
const recordNumbers = 24
const partNumbers = 12

interface PackedPlace {
  readonly offset: number
  readonly length: number
  /** Checksum of its bytes. */
  readonly sum: number
  /** Its prompt may become the title of its session. */
  readonly withPrompt: boolean
}

/** Writes records into the memory of a batch. */
export class RecordPacker {
  readonly #memory: BatchMemory
  readonly #positions = new Map<string, number>()
  readonly strings: string[] = []
  #texts = 0
  #numbers = 0

  constructor(memory: BatchMemory) {
    this.#memory = memory
  }

  get numbers(): number {
    return this.#numbers
  }

  /** false: there is no room left, and nothing was written. */
  add(record: RecordParts, place: PackedPlace): boolean {
    const before = { texts: this.#texts, numbers: this.#numbers }
    if (this.#hasRoom(record) && this.#add(record, place)) return true
    this.#texts = before.texts
    this.#numbers = before.numbers
    return false
  }

  #hasRoom({ parts }: RecordParts): boolean {
    const files = parts.reduce((count, part) => count + (part.files?.length ?? 0), 0)
    const needed = recordNumbers + partNumbers * parts.length + files
    return this.#numbers + needed <= this.#memory.numbers.length
  }

  #add(record: RecordParts, { offset, length, sum, withPrompt }: PackedPlace): boolean {
    const { usage, title, parts } = record
    const prompt = withPrompt ? (record.prompt?.() ?? null) : null
    const summed = record.id === null ? null : textSumOf(parts)
    this.#put(offset)
    this.#put(length)
    this.#put(sum)
    this.#put(
      (usage === null ? 0 : recordFlags.usage) |
        (summed === null ? 0 : recordFlags.textSum) |
        (prompt === null ? 0 : recordFlags.prompt) |
        (title === null ? 0 : recordFlags.title),
    )
    for (const text of [record.id, record.session, record.cwd, record.branch, record.model, record.subagent])
      this.#string(text)
    this.#string(record.about)
    this.#string(record.unknown)
    this.#put(record.time ?? Number.NaN)
    if (summed !== null) this.#put(summed)
    if (prompt !== null) this.#string(prompt)
    if (title !== null) {
      this.#string(title.text)
      this.#put(title.rank)
    }
    if (usage !== null) {
      this.#string(usage.answer)
      for (const count of [usage.input, usage.cacheWrite, usage.cacheRead, usage.output]) this.#put(count)
    }
    this.#put(parts.length)
    return parts.every((part) => this.#part(part))
  }

  #part(part: Part): boolean {
    const { text, files } = part
    const from = this.#texts
    const bytes = this.#encode(text)
    if (bytes === null) return false
    const searched = spacedBytes(text, bytes)
    const isOther = searched !== bytes
    if (isOther) {
      if (this.#texts + searched.length > this.#memory.texts.length) return false
      this.#memory.texts.set(searched, this.#texts)
      this.#texts += searched.length
    }
    this.#put(partKinds.indexOf(part.kind))
    this.#put(roles.indexOf(part.role))
    this.#put(
      (part.isError === true ? partFlags.isError : 0) |
        (part.isError === false ? partFlags.notError : 0) |
        (part.bySessionRescue === true ? partFlags.bySessionRescue : 0) |
        (part.queued === true ? partFlags.queued : 0) |
        (isOther ? partFlags.ownSearchText : 0),
    )
    this.#string(part.tool)
    this.#string(part.call)
    this.#string(part.command)
    this.#put(text.length)
    this.#put(from)
    this.#put(bytes.length)
    this.#put(searched.length)
    this.#put(files?.length ?? -1)
    for (const file of files ?? []) this.#string(file)
    return true
  }

  /** null: there is no room for it. */
  #encode(text: string): Buffer | null {
    const { texts } = this.#memory
    const { read, written } = encoder.encodeInto(text, texts.subarray(this.#texts))
    if (read < text.length) return null
    const bytes = Buffer.from(texts.buffer, texts.byteOffset + this.#texts, written)
    this.#texts += written
    return bytes
  }

  #put(number: number): void {
    this.#memory.numbers[this.#numbers++] = number
  }

  #string(text: string | null | undefined): void {
    if (text === null || text === undefined) {
      this.#put(text === null ? noString : missingString)
      return
    }
    let position = this.#positions.get(text)
    if (position === undefined) {
      position = this.strings.push(text) - 1
      this.#positions.set(text, position)
    }
    this.#put(position)
  }
}

function textSumOf(parts: readonly Part[]): number {
  return textSum(parts.some(isClientText) ? parts.filter((part) => !isClientText(part)) : parts, null)
}

/** Whether a record survives the way: a text with half a surrogate pair cannot be written as UTF-8. */
export function canBePacked({ parts }: RecordParts): boolean {
  return parts.every(({ text }) => text.isWellFormed())
}
