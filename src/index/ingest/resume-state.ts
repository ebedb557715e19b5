import type { RecordParts, Usage } from "../../domain/conversation/message-part.ts"

interface OpenCall {
  readonly part: number
  readonly tool: number | null
  /** The call runs this program. */
  readonly bySessionRescue?: true
}

/** A record about another record that has not been read yet. */
export interface DeferredRecord {
  readonly record: RecordParts
  readonly offset: number
  readonly length: number
}

const maxOpenCalls = 300
const maxAnswers = 8
const maxDeferred = 100
const noRecords: readonly DeferredRecord[] = []

/**
 * State carried over from the part of a file that was already read: calls without a result, and answers still growing.
 */
export class ResumeState {
  readonly #calls: Map<string, OpenCall>
  readonly #answers: Map<string, Usage>
  readonly #deferred: DeferredRecord[]

  constructor(saved: string | null) {
    const { calls = [], answers = [], deferred = [] } = parse(saved)
    this.#calls = new Map(calls)
    this.#answers = new Map(answers)
    this.#deferred = deferred
  }

  addCall(call: string, part: number, tool: number | null, ours: boolean): void {
    this.#calls.set(call, { part, tool, ...(ours ? { bySessionRescue: true } : {}) })
    if (this.#calls.size > maxOpenCalls) this.#calls.delete(this.#calls.keys().next().value ?? "")
  }

  /** The call that a result answers; null when it was not seen. */
  takeCall(call: string | undefined): OpenCall | null {
    if (call === undefined) return null
    const found = this.#calls.get(call) ?? null
    this.#calls.delete(call)
    return found
  }

  /** Whether the call that a result answers runs this program. */
  isOwnCall(call: string | undefined): boolean {
    return call !== undefined && this.#calls.get(call)?.bySessionRescue === true
  }

  /** Returns what an earlier record said about the cost of the same answer. */
  replaceUsage(usage: Usage): Usage | null {
    const before = this.#answers.get(usage.answer) ?? null
    this.#answers.delete(usage.answer)
    this.#answers.set(usage.answer, usage)
    if (this.#answers.size > maxAnswers) this.#answers.delete(this.#answers.keys().next().value ?? "")
    return before
  }

  defer(record: DeferredRecord): void {
    this.#deferred.push(record)
    if (this.#deferred.length > maxDeferred) this.#deferred.shift()
  }

  /** Deferred records about the record with this id. */
  takeDeferred(id: string | null): readonly DeferredRecord[] {
    if (this.#deferred.length === 0 || id === null) return noRecords
    const found = this.#deferred.filter(({ record }) => record.about === id)
    for (const each of found) this.#deferred.splice(this.#deferred.indexOf(each), 1)
    return found
  }

  save(): string | null {
    if (this.#calls.size === 0 && this.#answers.size === 0 && this.#deferred.length === 0) return null
    return JSON.stringify({ calls: [...this.#calls], answers: [...this.#answers], deferred: this.#deferred })
  }
}

interface SavedState {
  readonly calls?: [string, OpenCall][]
  readonly answers?: [string, Usage][]
  readonly deferred?: DeferredRecord[]
}

function parse(saved: string | null): SavedState {
  return saved === null ? {} : JSON.parse(saved)
}
