import type { Part, RecordParts, Usage } from "../../domain/conversation/message-part.ts"
import { partKinds, roles } from "../../domain/conversation/message-part.ts"
import type { PackedRecord } from "../model/packed-record.ts"
import { PackedPart, type SummedRecord, sumKey } from "../model/packed-text.ts"
import { missingString, type PackedBatch, type PackedStretch, partFlags, recordFlags } from "./batch.ts"

/** Reads the records of a batch, in the order in which they were packed. */
class RecordUnpacker {
  readonly #batch: PackedBatch
  #at: number

  constructor(batch: PackedBatch, from: number) {
    this.#batch = batch
    this.#at = from
  }

  /** The texts of its parts are valid until the batch is given back. */
  next(): PackedRecord {
    const offset = this.#number()
    const length = this.#number()
    const sum = this.#number()
    const flags = this.#number()
    // every object has the same keys, in the order in which they were packed: thousands are made in a second
    const record = {
      id: this.#nullable(),
      session: this.#nullable(),
      cwd: this.#nullable(),
      branch: this.#nullable(),
      model: this.#nullable(),
      subagent: this.#nullable(),
      about: this.#optional(),
      unknown: this.#optional(),
      time: this.#time(),
      [sumKey]: flags & recordFlags.textSum ? this.#number() : null,
      prompt: flags & recordFlags.prompt ? this.#prompt() : undefined,
      title: flags & recordFlags.title ? { text: this.#string(), rank: this.#number() } : null,
      usage: flags & recordFlags.usage ? this.#usage() : null,
      parts: this.#parts(),
    }
    if (record.about !== undefined) return { record: keepable(record as SummedRecord), offset, length, sum }
    return { record: record as SummedRecord, offset, length, sum }
  }

  #time(): number | null {
    const time = this.#number()
    return Number.isNaN(time) ? null : time
  }

  #prompt(): () => string {
    const text = this.#string()
    return () => text
  }

  #usage(): Usage {
    const answer = this.#string()
    const [input, cacheWrite] = [this.#number(), this.#number()]
    return { answer, input, cacheWrite, cacheRead: this.#number(), output: this.#number() }
  }

  #parts(): Part[] {
    const parts: Part[] = []
    for (let left = this.#number(); left > 0; left--) parts.push(this.#part() as Part)
    return parts
  }

  #part(): PackedPart {
    const kind = partKinds[this.#number()] ?? "text"
    const role = roles[this.#number()] ?? "system"
    const flags = this.#number()
    const tool = this.#optional()
    const call = this.#optional()
    const command = this.#optional()
    const length = this.#number()
    const from = this.#number()
    const size = this.#number()
    const searchedSize = this.#number()
    const bytes = this.#bytes(from, size)
    const searched = flags & partFlags.ownSearchText ? this.#bytes(from + size, searchedSize) : bytes
    return new PackedPart({
      kind,
      role,
      tool,
      call,
      command,
      files: this.#files(),
      isError: flags & partFlags.isError ? true : flags & partFlags.notError ? false : undefined,
      bySessionRescue: flags & partFlags.bySessionRescue ? true : undefined,
      queued: flags & partFlags.queued ? true : undefined,
      packed: { length, bytes, searched },
    })
  }

  #files(): string[] | undefined {
    const count = this.#number()
    return count === -1 ? undefined : Array.from({ length: count }, () => this.#string())
  }

  #bytes(from: number, length: number): Buffer {
    const { texts } = this.#batch
    return Buffer.from(texts.buffer, texts.byteOffset + from, length)
  }

  #number(): number {
    return this.#batch.numbers[this.#at++] ?? Number.NaN
  }

  #string(): string {
    return this.#batch.strings[this.#number()] ?? ""
  }

  #nullable(): string | null {
    return this.#batch.strings[this.#number()] ?? null
  }

  #optional(): string | undefined {
    const position = this.#number()
    return position === missingString ? undefined : this.#batch.strings[position]
  }
}

/** A record about another one may be kept longer than the memory of its texts. */
function keepable(record: RecordParts): RecordParts {
  const { prompt: _, ...kept } = record
  return JSON.parse(
    JSON.stringify({ ...kept, parts: kept.parts.map((part) => ({ ...part, text: part.text })) }),
  )
}

/** The records of a stretch; null when the receiver has to read its bytes. */
export function stretchRecords(
  batch: PackedBatch,
  { records }: PackedStretch,
): Generator<PackedRecord> | null {
  return records === null ? null : unpack(new RecordUnpacker(batch, records.from), records.count)
}

function* unpack(unpacker: RecordUnpacker, count: number): Generator<PackedRecord> {
  for (let left = count; left > 0; left--) yield unpacker.next()
}
