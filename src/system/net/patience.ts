import { RescueError } from "../../domain/errors.ts"

interface Waiting {
  readonly signal: AbortSignal
  delay(milliseconds: number): Promise<void>
}

const firstDelayMs = 200
const maxDelayMs = 10_000

/** How long one piece of work waits for a server that does not answer now. Delays grow, and are random in part. */
export class Patience {
  readonly #ctx: Waiting
  readonly #patienceMs: number
  #waitedMs = 0
  #attempt = 0

  constructor(ctx: Waiting, patienceMs: number) {
    this.#ctx = ctx
    this.#patienceMs = patienceMs
  }

  /** Bytes have come: what is waited for from here on counts from zero. */
  progress(): void {
    this.#waitedMs = 0
    this.#attempt = 0
  }

  /** Throws `STORE_UNAVAILABLE` once it would wait longer than the user has patience. */
  async wait(why: string, atLeastMs: number | null = null): Promise<void> {
    if (this.#ctx.signal.aborted)
      throw new RescueError("INTERRUPTED", "interrupted", "run it again for the rest")
    const grown = Math.min(maxDelayMs, firstDelayMs * 2 ** this.#attempt++)
    const delay = Math.max(atLeastMs ?? 0, grown * (0.5 + Math.random() / 2))
    if (this.#waitedMs + delay > this.#patienceMs)
      throw new RescueError("STORE_UNAVAILABLE", why, "nothing is lost; run it again later")
    this.#waitedMs += delay
    await this.#ctx.delay(delay)
  }
}

/** A connection that says nothing for so long is a cut one. */
export async function beforeStall<T>(work: Promise<T>, stallMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const stalled = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the connection stalled")), stallMs)
  })
  try {
    return await Promise.race([work, stalled])
  } finally {
    clearTimeout(timer)
  }
}
