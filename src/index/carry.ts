import type { Usage } from "../session/part.ts"

interface OpenCall {
  readonly part: number
  readonly tool: number | null
}

const mostCalls = 300
const mostAnswers = 8

/** What reading on in a file needs to know of what came before: calls without a result, answers still growing. */
export class Carry {
  readonly #calls: Map<string, OpenCall>
  readonly #answers: Map<string, Usage>

  constructor(saved: string | null) {
    const { calls = [], answers = [] } = parse(saved)
    this.#calls = new Map(calls)
    this.#answers = new Map(answers)
  }

  called(call: string, part: number, tool: number | null): void {
    this.#calls.set(call, { part, tool })
    if (this.#calls.size > mostCalls) this.#calls.delete(this.#calls.keys().next().value ?? "")
  }

  /** The call that a result answers; null when it was not seen. */
  answered(call: string | undefined): OpenCall | null {
    if (call === undefined) return null
    const found = this.#calls.get(call) ?? null
    this.#calls.delete(call)
    return found
  }

  /** What an earlier record said of the same answer's cost. */
  usageBefore(usage: Usage): Usage | null {
    const before = this.#answers.get(usage.answer) ?? null
    this.#answers.delete(usage.answer)
    this.#answers.set(usage.answer, usage)
    if (this.#answers.size > mostAnswers) this.#answers.delete(this.#answers.keys().next().value ?? "")
    return before
  }

  save(): string | null {
    if (this.#calls.size === 0 && this.#answers.size === 0) return null
    return JSON.stringify({ calls: [...this.#calls], answers: [...this.#answers] })
  }
}

function parse(saved: string | null): { calls?: [string, OpenCall][]; answers?: [string, Usage][] } {
  return saved === null ? {} : JSON.parse(saved)
}
