import { eachRecord, type ReadRecord } from "../../domain/conversation/message-part.ts"
import { parseObject } from "../records/json-object.ts"
import type { LineStore } from "../records/line-storage.ts"
import { type Line, LineSplitter, type LongLine } from "../records/lines.ts"
import { checksum } from "../store/hashing.ts"
import type { BatchMemory, PackedBatch, PackedStretch } from "./batch.ts"
import { canBePacked, RecordPacker } from "./record-packer.ts"

/** A transcript to be read from its beginning. */
export interface FileToPack {
  readonly file: number
  readonly document: string
  /** Bytes to read: its size when it was found. */
  readonly size: number
  readonly read: ReadRecord
  open(): Iterable<Uint8Array>
}

/** A batch with files that are read at the same time wastes little: small files take milliseconds for a thousand. */
const maxStretches = 2048

/**
 * Parses whole files into batches. Only plain records are packed: a line that is damaged, too long for memory, or cannot
 * be read by the plugin is left to the receiver, who reads its bytes from the file, and so is all that follows a read
 * error. The result is therefore the same as without this.
 */
export class FilePacker {
  #memory: BatchMemory | null = null
  #records: RecordPacker | null = null
  #stretches: PackedStretch[] = []
  #file = 0
  /** Number of records since the last stretch, and where in the numbers they begin. */
  #count = 0
  #from = 0
  /** End of what the stretches cover, and of the lines that are packed or left. */
  #covered = 0
  #end = 0
  #isLeft = false
  /** Sessions of which the file has a prompt, which is their title from then on: the next ones are not needed. */
  readonly #titled = new Set<string | null>()

  get needsMemory(): boolean {
    return this.#memory === null
  }

  /** Memory for the next batch. */
  use(memory: BatchMemory): void {
    this.#memory = memory
    this.#records = new RecordPacker(memory)
  }

  /** What was packed, with the memory; null: nothing. */
  take(): PackedBatch | null {
    const [memory, records] = [this.#memory, this.#records]
    if (memory === null || records === null || this.#stretches.length === 0) return null
    const batch = { ...memory, strings: records.strings, stretches: this.#stretches }
    this.#stretches = []
    this.#memory = null
    this.#records = null
    return batch
  }

  /** Packs a file; pauses when the batch is full, until there is memory for the next one. */
  *pack({ file, document, size, read, open }: FileToPack): Generator<void, void, void> {
    this.#begin(file)
    const lines = new LineSplitter(0, () => new DroppedLine())
    let bytes = 0
    try {
      for (const piece of open()) {
        const chunk = piece.subarray(0, size - bytes)
        for (const line of lines.split(chunk)) {
          while (!this.#line(line, read, document)) yield* this.#full()
        }
        bytes += chunk.length
        if (bytes >= size) break
        this.#cut({ read: bytes })
      }
    } catch {
      // the receiver gets the same error, or reads what can be read now
    }
    lines.close()
    this.#cut({ read: this.#end, last: true })
    if (this.#stretches.length >= maxStretches) yield
  }

  #begin(file: number): void {
    this.#file = file
    this.#count = 0
    this.#from = this.#records?.numbers ?? 0
    this.#covered = 0
    this.#end = 0
    this.#isLeft = false
    this.#titled.clear()
  }

  *#full(): Generator<void, void, void> {
    this.#cut()
    yield
    this.#from = 0
  }

  /** false: the batch is full. */
  #line(line: Line | LongLine, read: ReadRecord, document: string): boolean {
    const end = line.offset + (line.bytes === null ? line.scratch : line.bytes).length + 1
    const record = line.bytes === null ? undefined : readPlain(line.bytes, read, document)
    if (record === null) {
      this.#end = end // nothing in it is of use; it belongs to whatever is around it
      return true
    }
    const isLeft = record === undefined
    if (isLeft !== this.#isLeft) this.#cut()
    this.#isLeft = isLeft
    if (record !== undefined && line.bytes !== null) {
      const { offset, bytes } = line
      const withPrompt = record.prompt !== undefined && !this.#titled.has(record.session)
      const place = { offset, length: bytes.length, sum: checksum(bytes), withPrompt }
      if (this.#records?.add(record, place) === true) {
        this.#count++
        if (withPrompt && record.prompt?.() != null) this.#titled.add(record.session)
      } else if (this.#count > 0 || this.#stretches.length > 0) return false
      else this.#isLeft = true // larger than a whole batch
    }
    this.#end = end
    return true
  }

  /** Ends the stretch of the current file. */
  #cut({ read = null, last = false }: Partial<Pick<PackedStretch, "read" | "last">> = {}): void {
    if (this.#end > this.#covered || read !== null) {
      const records = this.#isLeft ? null : { count: this.#count, from: this.#from }
      this.#stretches.push({ file: this.#file, end: this.#end, records, read, last })
    }
    this.#covered = this.#end
    this.#count = 0
    this.#from = this.#records?.numbers ?? 0
    this.#isLeft = false
  }
}

/** undefined: it is left to the receiver. null: it has no parts. */
function readPlain(bytes: Buffer, read: ReadRecord, document: string) {
  const record = parseObject(bytes, 0, bytes.length)
  if (record === null) return undefined
  try {
    const said = eachRecord(read(record, document))
    const [only = null] = said
    return said.length > 1 || (only !== null && !canBePacked(only)) ? undefined : only
  } catch {
    return undefined
  }
}

/** Only measures a line that the receiver reads again. */
class DroppedLine implements LineStore {
  length = 0

  add(bytes: Uint8Array): void {
    this.length += bytes.length
  }

  read(): never {
    throw new Error("the line was not kept")
  }

  close(): void {}
}
