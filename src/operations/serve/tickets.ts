import { isEqual, randomSecret } from "./guard.ts"

/** What a person was asked about. */
export interface Asked {
  /** What has to be typed; "" where a click suffices. */
  readonly word: string
}

const validMs = 30_000

/** Between the question and the answer: a ticket is good once, for half a minute, for what it was made for. */
export class Tickets<T extends Asked> {
  readonly #now: () => number
  #open: { readonly ticket: string; readonly at: number; readonly target: T }[] = []

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  issue(target: T): string {
    const ticket = randomSecret()
    this.#open = [...this.#open.slice(-9), { ticket, at: this.#now(), target }]
    return ticket
  }

  /** The target, if ticket and word are right; the ticket is spent in any case. */
  redeem(ticket: string, typed: string): T | null {
    const found = this.#open.find((each) => isEqual(each.ticket, ticket))
    this.#open = this.#open.filter((each) => each !== found) // safety: ticket-once
    if (found === undefined || this.#now() - found.at > validMs) return null // safety: ticket-time
    return isEqual(found.target.word, typed) ? found.target : null // safety: ticket-word
  }
}
