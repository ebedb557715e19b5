import type { Usage } from "../../domain/conversation/message-part.ts"
import type { Database } from "../../system/sqlite/database.ts"

const hourMs = 3_600_000

interface UsageSum {
  readonly source: number
  readonly session: number
  readonly hour: number
  readonly model: number
  input: number
  cacheWrite: number
  cacheRead: number
  output: number
  answers: number
}

/** Tokens by file, session, hour and model. Each answer counts once, however many records it is spread over. */
export class TokenUsageWriter {
  readonly #sums = new Map<string, UsageSum>()
  #last: UsageSum | null = null
  readonly #add

  constructor(database: Database) {
    this.#add = database.query(
      `insert into token_usage (source, session, hour, model, input, cache_write, cache_read, output, answers)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)
       on conflict do update set input = input + excluded.input, cache_write = cache_write + excluded.cache_write,
         cache_read = cache_read + excluded.cache_read, output = output + excluded.output,
         answers = answers + excluded.answers`,
    )
  }

  add(
    at: { source: number; session: number; time: number | null; model: number | null },
    now: Usage,
    before: Usage | null,
  ): void {
    const hour = Math.floor((at.time ?? 0) / hourMs)
    const model = at.model ?? 0
    const sum = this.#sum(at.source, at.session, hour, model)
    sum.input += now.input - (before?.input ?? 0)
    sum.cacheWrite += now.cacheWrite - (before?.cacheWrite ?? 0)
    sum.cacheRead += now.cacheRead - (before?.cacheRead ?? 0)
    sum.output += now.output - (before?.output ?? 0)
    if (before === null) sum.answers++
  }

  /** Usually the same sum as in the previous call. */
  #sum(source: number, session: number, hour: number, model: number): UsageSum {
    const last = this.#last
    if (last?.hour === hour && last.source === source && last.session === session && last.model === model) {
      return last
    }
    const key = `${source}/${session}/${hour}/${model}`
    const none = { input: 0, cacheWrite: 0, cacheRead: 0, output: 0, answers: 0 }
    const sum = this.#sums.get(key) ?? { source, session, hour, model, ...none }
    this.#sums.set(key, sum)
    this.#last = sum
    return sum
  }

  save(): void {
    for (const { source, session, hour, model, ...sum } of this.#sums.values()) {
      const { input, cacheWrite, cacheRead, output, answers } = sum
      this.#add.run(source, session, hour, model, input, cacheWrite, cacheRead, output, answers)
    }
    this.#sums.clear()
    this.#last = null
  }

  forget(): void {
    this.#sums.clear()
    this.#last = null
  }
}
