import { startBackgroundRead } from "../../operations/search/refresh-index.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { IndexAnswer, IndexQuestion } from "./search-worker.ts"

/** A question to the index that takes longer is given up. */
const maxAnswerMs = 10_000
/** Questions that wait; a page drops its own when its text has changed. */
const maxWaiting = 32
/** Threads that were given up and may still be in the database. */
const maxGivenUp = 2
/** What was said since the last read of the sessions is read after this long, while somebody searches. */
const readEveryMs = 15_000

const tookTooLong = "it took more than ten seconds: more words or a filter make it quicker"

interface Waiting {
  readonly question: IndexQuestion
  readonly signal: AbortSignal
  readonly answer: (answer: Omit<IndexAnswer, "id">) => void
}

/** Asks the index in a thread of its own, one question at a time: a slow one holds up no other answer of the server. */
export class SearchThread {
  readonly #paths: Paths
  readonly #waiting: Waiting[] = []
  #worker: Worker | null = null
  #current: Waiting | null = null
  #late: NodeJS.Timeout | null = null
  #givenUp = 0
  #readAt = Number.NEGATIVE_INFINITY

  constructor(paths: Paths) {
    this.#paths = paths
  }

  ask(question: Omit<IndexQuestion, "id">, signal: AbortSignal): Promise<Omit<IndexAnswer, "id">> {
    if (this.#waiting.length >= maxWaiting || this.#givenUp >= maxGivenUp)
      return Promise.resolve(failure("the index is busy: ask again in a moment"))
    this.#readWhatIsNew()
    return new Promise((resolve) => {
      this.#waiting.push({ question: { ...question, id: crypto.randomUUID() }, signal, answer: resolve })
      this.#next()
    })
  }

  close(): void {
    if (this.#late !== null) clearTimeout(this.#late)
    this.#worker?.terminate()
    this.#worker = null
  }

  #next(): void {
    while (this.#current === null) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      if (next.signal.aborted) next.answer(failure("nobody waits for it"))
      else this.#send(next)
    }
  }

  #send(next: Waiting): void {
    this.#current = next
    this.#late = setTimeout(() => this.#giveUp(tookTooLong), maxAnswerMs)
    this.#worker ??= this.#start()
    this.#worker.postMessage(next.question)
  }

  #done(answer: Omit<IndexAnswer, "id">): void {
    if (this.#late !== null) clearTimeout(this.#late)
    const current = this.#current
    this.#current = null
    current?.answer(answer)
    this.#next()
  }

  #start(): Worker {
    const worker = new Worker(new URL("./search-worker.ts", import.meta.url).href, { smol: true })
    worker.onmessage = ({ data }: MessageEvent<IndexAnswer>) => {
      if (worker === this.#worker && data.id === this.#current?.question.id) this.#done(data)
    }
    worker.onerror = (event) => {
      event.preventDefault()
      if (worker === this.#worker) this.#giveUp("it could not be answered")
    }
    return worker
  }

  /** A thread that is inside the database ends once it comes out. */
  #giveUp(why: string): void {
    const worker = this.#worker
    this.#worker = null
    this.#givenUp++
    worker?.addEventListener("close", () => {
      this.#givenUp--
    })
    worker?.terminate()
    this.#done(failure(why))
  }

  #readWhatIsNew(): void {
    const now = performance.now()
    if (now - this.#readAt < readEveryMs) return
    this.#readAt = now
    void startBackgroundRead(this.#paths)
  }
}

function failure(why: string): Omit<IndexAnswer, "id"> {
  return { status: 503, body: JSON.stringify({ why }) }
}
