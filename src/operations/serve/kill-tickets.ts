import { isEqual, randomSecret } from "./guard.ts"

/** What a person was asked about: one process, from one start of it on. */
export interface KillTarget {
  readonly id: string
  readonly pid: number
  readonly startMark: string
  /** What has to be typed: the terminal's name, or the pid without one. */
  readonly word: string
}

const validMs = 30_000

/** Between the question and the answer: a ticket is good once, for half a minute, for the process it was made for. */
export class KillTickets {
  readonly #now: () => number
  #open: { readonly ticket: string; readonly at: number; readonly target: KillTarget }[] = []

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  issue(target: KillTarget): string {
    const ticket = randomSecret()
    this.#open = [...this.#open.slice(-9), { ticket, at: this.#now(), target }]
    return ticket
  }

  /** The target, if ticket and word are right; the ticket is spent in any case. */
  redeem(ticket: string, typed: string): KillTarget | null {
    const found = this.#open.find((each) => isEqual(each.ticket, ticket))
    this.#open = this.#open.filter((each) => each !== found) // safety: ticket-once
    if (found === undefined || this.#now() - found.at > validMs) return null // safety: ticket-time
    return isEqual(found.target.word, typed) ? found.target : null // safety: ticket-word
  }
}
