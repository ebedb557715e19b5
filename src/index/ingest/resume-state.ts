import type { RecordParts, Usage } from "../../domain/conversation/message-part.ts"

interface OpenCall {
  readonly part: number
  readonly tool: number | null
  /** It runs this program. */
  readonly ours?: true
}

/** What is said of another record, which has not been met. */
export interface HeldRecord {
  readonly read: RecordParts
  readonly offset: number
  readonly length: number
}

const mostCalls = 300
const mostAnswers = 8
const mostHeld = 100
const none: readonly HeldRecord[] = []

/** What reading on in a file needs to know of what came before: calls without a result, answers still growing. */
export class Carry {
  readonly #calls: Map<string, OpenCall>
  readonly #answers: Map<string, Usage>
  readonly #held: HeldRecord[]

  constructor(saved: string | null) {
    const { calls = [], answers = [], held = [] } = parse(saved)
    this.#calls = new Map(calls)
    this.#answers = new Map(answers)
    this.#held = held
  }

  called(call: string, part: number, tool: number | null, ours: boolean): void {
    this.#calls.set(call, { part, tool, ...(ours ? { ours: true } : {}) })
    if (this.#calls.size > mostCalls) this.#calls.delete(this.#calls.keys().next().value ?? "")
  }

  /** The call that a result answers; null when it was not seen. */
  answered(call: string | undefined): OpenCall | null {
    if (call === undefined) return null
    const found = this.#calls.get(call) ?? null
    this.#calls.delete(call)
    return found
  }

  /** Whether the call that a result answers runs this program. */
  isOurs(call: string | undefined): boolean {
    return call !== undefined && this.#calls.get(call)?.ours === true
  }

  /** What an earlier record said of the same answer's cost. */
  usageBefore(usage: Usage): Usage | null {
    const before = this.#answers.get(usage.answer) ?? null
    this.#answers.delete(usage.answer)
    this.#answers.set(usage.answer, usage)
    if (this.#answers.size > mostAnswers) this.#answers.delete(this.#answers.keys().next().value ?? "")
    return before
  }

  hold(record: HeldRecord): void {
    this.#held.push(record)
    if (this.#held.length > mostHeld) this.#held.shift()
  }

  /** What was said of a record before it was met. */
  heldFor(id: string | null): readonly HeldRecord[] {
    if (this.#held.length === 0 || id === null) return none
    const found = this.#held.filter(({ read }) => read.about === id)
    for (const each of found) this.#held.splice(this.#held.indexOf(each), 1)
    return found
  }

  save(): string | null {
    if (this.#calls.size === 0 && this.#answers.size === 0 && this.#held.length === 0) return null
    return JSON.stringify({ calls: [...this.#calls], answers: [...this.#answers], held: this.#held })
  }
}

interface Saved {
  readonly calls?: [string, OpenCall][]
  readonly answers?: [string, Usage][]
  readonly held?: HeldRecord[]
}

function parse(saved: string | null): Saved {
  return saved === null ? {} : JSON.parse(saved)
}
