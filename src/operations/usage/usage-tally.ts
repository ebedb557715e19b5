import {
  type AnswerUsage,
  type TokenCounts,
  type TokenUse,
  totalTokens,
} from "../../domain/usage/token-counts.ts"

/** Tokens that one session used on one day with one model. */
export interface UsageBucket extends TokenUse {
  /** `2026-11-22`; null for answers without a time. */
  readonly day: string | null
  /** null for answers that name no model. */
  readonly model: string | null
  /** What the tally was given as the session. */
  readonly session: number
}

type Bucket = { -readonly [key in keyof UsageBucket]: UsageBucket[key] }

/** Answers whose records may still grow: subagents in one file interleave. */
const maxGrowing = 256

/**
 * Adds up the usage of answers by day, model and session. An answer counts once, by the largest of its counts, for the
 * session in which it was seen first.
 */
export class UsageTally {
  readonly #buckets = new Map<string, Bucket>()
  /** The largest total of each answer, by the hash of its id: there may be millions. */
  readonly #seen = new Map<number, number>()
  readonly #growing = new Map<number, { readonly bucket: Bucket; usage: TokenCounts }>()
  readonly #dayOf: (time: number) => string

  constructor(dayOf: (time: number) => string) {
    this.#dayOf = dayOf
  }

  add(session: number, usage: AnswerUsage): void {
    const total = totalTokens(usage)
    const key = hashOf(usage.answer)
    const before = this.#seen.get(key) ?? 0
    if (total <= before) return
    this.#seen.set(key, total)
    const growing = this.#growing.get(key)
    if (growing !== undefined) {
      addTo(growing.bucket, usage, growing.usage)
      growing.usage = usage
      return
    }
    const bucket = this.#bucket(session, usage)
    if (before > 0) {
      bucket.output += total - before // a copy that was written on: what is generated grows, what was read does not
      return
    }
    addTo(bucket, usage, null)
    bucket.answers++
    this.#growing.set(key, { bucket, usage })
    if (this.#growing.size > maxGrowing) this.#forgetOldest()
  }

  buckets(): readonly UsageBucket[] {
    return [...this.#buckets.values()]
  }

  #bucket(session: number, { time, model }: AnswerUsage): Bucket {
    const day = time === null ? null : this.#dayOf(time)
    const key = `${session}\0${day}\0${model}`
    const known = this.#buckets.get(key)
    if (known !== undefined) return known
    const bucket = { day, model, session, input: 0, cacheWrite: 0, cacheRead: 0, output: 0, answers: 0 }
    this.#buckets.set(key, bucket)
    return bucket
  }

  #forgetOldest(): void {
    for (const key of this.#growing.keys()) {
      this.#growing.delete(key)
      return
    }
  }
}

function addTo(bucket: Bucket, now: TokenCounts, before: TokenCounts | null): void {
  bucket.input += now.input - (before?.input ?? 0)
  bucket.cacheWrite += now.cacheWrite - (before?.cacheWrite ?? 0)
  bucket.cacheRead += now.cacheRead - (before?.cacheRead ?? 0)
  bucket.output += now.output - (before?.output ?? 0)
}

const safeBits = (1n << 53n) - 1n

function hashOf(text: string): number {
  return Number(Bun.hash.xxHash64(text) & safeBits)
}
