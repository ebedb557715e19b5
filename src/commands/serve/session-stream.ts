import { servicesOf } from "../../view/sessions/background.ts"
import { statusDocument } from "../../view/sessions/session-json.ts"
import type { Environment } from "../framework/environment.ts"
import { parseNarrowing } from "../framework/narrow-flags.ts"
import { LookLoop } from "../menu/look-loop.ts"

/** A stream says something at least that often. */
const heartbeatMs = 20_000
/** Pages that may be open at once. */
const maxStreams = 16

/** The sessions as `status --watch` sees them, for every page that is open; while none is, nobody looks. */
export class SessionStream {
  readonly #loop: LookLoop
  readonly #readers = new Set<ReadableStreamDefaultController<Uint8Array>>()
  #last = ""
  #heartbeat: NodeJS.Timeout | null = null

  constructor(environment: Environment) {
    const { ctx, paths, helpers, sudoUser, parsed } = environment
    const narrowing = parseNarrowing({ ...parsed, flags: new Map() }, ctx)
    this.#loop = new LookLoop(
      environment,
      false,
      narrowing,
      ({ listed, notRead, now }) => {
        const services = servicesOf(
          helpers.values(),
          listed.map(({ session }) => session),
        )
        const narrowed = { ...narrowing, found: listed.length, leftOff: 0 }
        const about = { services, narrowed, rejected: [], explain: false, all: false, sudoUser }
        const document = statusDocument({ listed, notRead, ...about, now, home: paths.home }, [])
        const sessions = document.sessions.map(shownRow)
        this.#send(JSON.stringify({ sessions, notShown: document.notShown }))
      },
      () => {},
      () => {},
    )
  }

  open(signal: AbortSignal): ReadableStream<Uint8Array> {
    let own: ReadableStreamDefaultController<Uint8Array> | null = null
    const leave = () => {
      if (own !== null) this.#remove(own)
    }
    signal.addEventListener("abort", leave)
    return new ReadableStream({
      start: (controller) => {
        own = controller
        if (this.#readers.size >= maxStreams) return controller.close()
        this.#readers.add(controller)
        if (this.#last !== "") controller.enqueue(line(this.#last))
        this.#begin()
      },
      cancel: leave,
    })
  }

  lookAnew(): void {
    if (this.#readers.size > 0) void this.#loop.lookAnew()
  }

  async close(): Promise<void> {
    for (const reader of [...this.#readers]) this.#remove(reader)
    await this.#loop.close()
  }

  #begin(): void {
    if (this.#readers.size !== 1) return
    this.#loop.start()
    void this.#loop.look()
    this.#heartbeat = setInterval(() => this.#put("\n"), heartbeatMs)
  }

  #remove(reader: ReadableStreamDefaultController<Uint8Array>): void {
    if (!this.#readers.delete(reader)) return
    try {
      reader.close()
    } catch {
      // the browser has closed it
    }
    if (this.#readers.size > 0) return
    if (this.#heartbeat !== null) clearInterval(this.#heartbeat)
    void this.#loop.stop()
  }

  /** Only what differs from what was sent last. */
  #send(document: string): void {
    if (document === this.#last) return
    this.#last = document
    this.#put(`${document}\n`)
  }

  #put(text: string): void {
    for (const reader of [...this.#readers]) {
      // a page that does not read is let go: it opens the stream again
      if ((reader.desiredSize ?? 0) < -maxWaiting) this.#remove(reader)
      else reader.enqueue(new TextEncoder().encode(text))
    }
  }
}

/** What a page shows of a session: ten thousand of them are sent with every change. */
function shownRow(row: ReturnType<typeof statusDocument>["sessions"][number]) {
  const { id, agent, state, detail, need, saved, pid, tty, place, title, cwd, flags } = row
  const { sizeBytes, lastActivity, model, contextPercent, purgeAt } = row
  const what = { id, agent, state, detail, need, saved, pid, tty, place, title, cwd, flags }
  return { ...what, sizeBytes, lastActivity, model, contextPercent, purgeAt }
}

/** Documents that wait for a page. */
const maxWaiting = 8

function line(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\n`)
}
