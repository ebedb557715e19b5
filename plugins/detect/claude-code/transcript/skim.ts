/** Reads of both ends of a transcript as few lines as a verdict needs: parsing is what takes the time. */
import { parseLine, type TranscriptRecord, type TranscriptSlice } from "session-rescue"
import { answerOf } from "../context/context-use.ts"
import { isMessage, partsOf } from "../records/records.ts"
import { firstPrompt } from "../records/title.ts"
import { answerIdOf } from "../records/turn.ts"

const newline = 0x0a
const closing = 0x7d
/** At least this many records are read of the end: some that are written together change places (2.1.197, observed). */
const minRecords = 6

/** Both ends of a file. Between them is nothing that names the conversation or may be damaged. */
export function skimWhole(bytes: Buffer): { readonly head: TranscriptSlice; readonly tail: TranscriptSlice } {
  const lines = new Lines(bytes, true)
  const from = lines.readBack(new LastStep())
  const to = lines.readOn(new Beginning(), from)
  if (from === to || lines.holdsOdd(to, from)) {
    lines.readAll()
    const all = lines.slice(0, lines.count, { toEnd: true, whole: true })
    return { head: all, tail: all }
  }
  lines.readNames(to, from)
  return {
    head: lines.slice(0, from, { toEnd: false, whole: true }),
    tail: lines.slice(to, lines.count, { toEnd: true, whole: true }),
  }
}

/** The end of a file; null when the last step does not fit in `bytes`. */
export function skimEnd(bytes: Buffer): TranscriptSlice | null {
  const lines = new Lines(bytes, false)
  const step = new LastStep()
  const from = lines.readBack(step)
  if (!step.isComplete) return null
  if (lines.holdsOdd(0, from)) lines.readAll()
  else lines.readNames(0, from)
  return lines.slice(0, lines.count, { toEnd: true, whole: false })
}

/** The beginning of a file; null when `bytes` do not hold its folder and first prompt. */
export function skimBeginning(bytes: Buffer): TranscriptSlice | null {
  const lines = new Lines(bytes.subarray(0, bytes.lastIndexOf(newline) + 1), true)
  const beginning = new Beginning()
  const to = lines.readOn(beginning, lines.count)
  if (!beginning.isComplete) return null
  if (lines.holdsOdd(to, lines.count)) lines.readAll()
  else lines.readNames(to, lines.count)
  return lines.slice(0, lines.count, { toEnd: false, whole: false })
}

interface Search {
  readonly isComplete: boolean
  add(record: TranscriptRecord): void
}

/** The last answer with all its calls and their results, seen from the end. */
class LastStep implements Search {
  #answer: unknown
  #count = 0
  #hasAnswer = false
  #hasEnded = false
  #hasVersion = false
  #hasUse = false

  get isComplete(): boolean {
    return this.#hasEnded && this.#hasVersion && this.#hasUse && this.#count >= minRecords
  }

  add(record: TranscriptRecord): void {
    this.#count++
    if (typeof record.version === "string") this.#hasVersion = true
    if (!isMessage(record)) return
    if (!this.#hasUse) this.#hasUse = answerOf(record) !== null
    const answer = answerIdOf(record)
    if (!this.#hasAnswer) {
      this.#hasAnswer = record.type === "assistant"
      this.#answer = answer
    } else if (record.type === "assistant" ? answer !== this.#answer : isPrompt(record)) this.#hasEnded = true
  }
}

/** The results of an answer's calls may stand between its parts. */
function isPrompt(record: TranscriptRecord): boolean {
  return record.isMeta !== true && !partsOf(record).some((part) => part.type === "tool_result")
}

/** The folder, the time and the first prompt. */
class Beginning implements Search {
  #hasFolder = false
  #hasTime = false
  #hasPrompt = false

  get isComplete(): boolean {
    return this.#hasFolder && this.#hasTime && this.#hasPrompt
  }

  add(record: TranscriptRecord): void {
    if (typeof record.cwd === "string") this.#hasFolder = true
    if (typeof record.timestamp === "string") this.#hasTime = true
    if (record.type === "user" && firstPrompt([record]) !== null) this.#hasPrompt = true
  }
}

/** What the client's conversation records begin with (1.0.100 to 2.1.332, observed). */
const linked = Buffer.from('{"parentUuid":')
const typed = Buffer.from('{"type":"')
/** The first two letters of the types that name a conversation: custom-title, agent-name, ai-title, summary. */
const namingTypes = new Set(["cu", "ag", "ai", "su"].map((letters) => pairAt(Buffer.from(letters), 0)))

/** The lines of some bytes, parsed when asked for. */
class Lines {
  readonly count: number
  readonly #bytes: Buffer
  /** Start and end of each line that is not empty. */
  readonly #bounds: number[] = []
  readonly #records: (TranscriptRecord | null | undefined)[]
  /** Something in it looks damaged: every line is parsed. */
  readonly #isSuspect: boolean

  /** `fromStart`: false when the first line may be cut. */
  constructor(bytes: Buffer, fromStart: boolean) {
    this.#bytes = bytes
    for (let at = fromStart ? 0 : bytes.indexOf(newline) + 1; at < bytes.length; ) {
      const found = bytes.indexOf(newline, at)
      const end = found === -1 ? bytes.length : found
      if (end > at) this.#bounds.push(at, end)
      at = end + 1
    }
    this.count = this.#bounds.length / 2
    this.#records = new Array(this.count).fill(undefined)
    this.#isSuspect = bytes.includes(0) || holdsJoinedLines(bytes)
  }

  /** Parses from the last line back until the search is complete; returns the index of the last line it parsed. */
  readBack(search: Search): number {
    let index = this.count
    while (index > 0 && !search.isComplete) this.#parse(--index, search)
    return index
  }

  /** The same from the first line on, before the line `end`; returns the index behind the last line it parsed. */
  readOn(search: Search, end: number): number {
    let index = 0
    while (index < end && !search.isComplete) this.#parse(index++, search)
    return index
  }

  /** Whether one of these lines is not as the client writes them. */
  holdsOdd(from: number, to: number): boolean {
    if (this.#isSuspect) return from < to
    for (let index = from; index < to; index++) if (this.#isOdd(index)) return true
    return false
  }

  /** Parses what names the conversation. */
  readNames(from: number, to: number): void {
    for (let index = from; index < to; index++) {
      const at = this.#bounds[2 * index] ?? 0
      if (startsWith(this.#bytes, typed, at) && namingTypes.has(pairAt(this.#bytes, at + typed.length)))
        this.#parse(index, null)
    }
  }

  readAll(): void {
    for (let index = 0; index < this.count; index++)
      if (this.#records[index] === undefined) this.#parse(index, null)
  }

  /** What was parsed of these lines. */
  slice(from: number, to: number, { toEnd, whole }: { toEnd: boolean; whole: boolean }): TranscriptSlice {
    const some = this.#records.slice(from, to)
    const unreadableEnd = some.at(-1) === null
    const torn = toEnd && unreadableEnd && this.#bounds.at(-1) === this.#bytes.length
    const damaged = some.filter((record) => record === null).length - (torn ? 1 : 0)
    return { records: some.filter((record) => record != null), damaged, torn, whole, unreadableEnd }
  }

  #parse(index: number, search: Search | null): void {
    const line = this.#bytes.subarray(this.#bounds[2 * index], this.#bounds[2 * index + 1])
    const record = parseLine(line)
    this.#records[index] = record
    if (record !== null) search?.add(record)
  }

  #isOdd(index: number): boolean {
    const [start = 0, end = 0] = [this.#bounds[2 * index], this.#bounds[2 * index + 1]]
    if (this.#bytes[end - 1] !== closing) return true
    return !startsWith(this.#bytes, linked, start) && !startsWith(this.#bytes, typed, start)
  }
}

/** Where a client was cut off in mid-line, the next one writes on without a newline. */
function holdsJoinedLines(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(linked, 1); at !== -1; at = bytes.indexOf(linked, at + 1))
    if (bytes[at - 1] !== newline) return true
  return false
}

function startsWith(bytes: Buffer, mark: Buffer, at: number): boolean {
  for (let index = 0; index < mark.length; index++) if (bytes[at + index] !== mark[index]) return false
  return true
}

function pairAt(bytes: Buffer, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)
}
