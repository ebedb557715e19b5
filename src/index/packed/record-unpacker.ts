import type { Part, Usage } from "../../domain/conversation/message-part.ts"
import { partKinds, roles } from "../../domain/conversation/message-part.ts"
import type { PackedRecord } from "../model/packed-record.ts"
import { withPackedText, withTextSum } from "../model/packed-text.ts"
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
    const [offset, length, sum, flags] = [this.#number(), this.#number(), this.#number(), this.#number()]
    const [id, session, cwd] = [this.#nullable(), this.#nullable(), this.#nullable()]
    const [branch, model, subagent] = [this.#nullable(), this.#nullable(), this.#nullable()]
    const [about, unknown] = [this.#optional(), this.#optional()]
    const time = this.#number()
    const summed = flags & recordFlags.textSum ? this.#number() : null
    const prompt = flags & recordFlags.prompt ? this.#nullable() : undefined
    const title = flags & recordFlags.title ? { text: this.#string(), rank: this.#number() } : null
    const usage = flags & recordFlags.usage ? this.#usage() : null
    // a record about another one may be kept for later, longer than the memory of its texts
    const parts = Array.from({ length: this.#number() }, () => this.#part(about !== undefined))
    const record = {
      ...{ id, session, cwd, branch, model, subagent, parts, usage, title },
      time: Number.isNaN(time) ? null : time,
      ...(about === undefined ? {} : { about }),
      ...(unknown === undefined ? {} : { unknown }),
      ...(prompt === undefined ? {} : { prompt: () => prompt }),
    }
    return { record: summed === null ? record : withTextSum(record, summed), offset, length, sum }
  }

  #usage(): Usage {
    const answer = this.#string()
    const [input, cacheWrite, cacheRead, output] = [
      this.#number(),
      this.#number(),
      this.#number(),
      this.#number(),
    ]
    return { answer, input, cacheWrite, cacheRead, output }
  }

  #part(isKept: boolean): Part {
    const [kind, role, flags] = [this.#number(), this.#number(), this.#number()]
    const [tool, call, command] = [this.#optional(), this.#optional(), this.#optional()]
    const [length, from, size, searchedSize] = [
      this.#number(),
      this.#number(),
      this.#number(),
      this.#number(),
    ]
    const fileCount = this.#number()
    const files = fileCount === -1 ? undefined : Array.from({ length: fileCount }, () => this.#string())
    const bytes = this.#bytes(from, size)
    const searched = flags & partFlags.ownSearchText ? this.#bytes(from + size, searchedSize) : bytes
    const part = {
      kind: partKinds[kind] ?? "text",
      role: roles[role] ?? "system",
      ...(tool === undefined ? {} : { tool }),
      ...(call === undefined ? {} : { call }),
      ...(command === undefined ? {} : { command }),
      ...(files === undefined ? {} : { files }),
      ...(flags & (partFlags.isError | partFlags.notError)
        ? { isError: (flags & partFlags.isError) !== 0 }
        : {}),
      ...(flags & partFlags.bySessionRescue ? ({ bySessionRescue: true } as const) : {}),
      ...(flags & partFlags.queued ? ({ queued: true } as const) : {}),
    }
    return isKept
      ? { ...part, text: bytes.toString("utf8") }
      : withPackedText(part, { length, bytes, searched })
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
