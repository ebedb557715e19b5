import { MiB } from "../../domain/bytes.ts"
import { startChild } from "../../system/process/child-ipc.ts"
import {
  type FromWorker,
  formatSeconds,
  type Notice,
  type Outcome,
  type PluginCall,
  type ToWorker,
  toFailure,
  truncateNotice,
  type WorkerFacts,
  type WorkerPlugin,
} from "../protocol/messages.ts"
import { workerFlag } from "../protocol/worker-flag.ts"

/** Serves the requests of a plugin during a call. */
export interface PluginService {
  perform(method: string, args: readonly unknown[]): Promise<unknown>
  notify(key: string, notice: Notice): void
}

/** How a worker process ended. */
export interface WorkerExit {
  readonly why: string
  /** The plugins that were being loaded or called: one of them is the cause. */
  readonly suspects: ReadonlySet<string>
}

export interface CallResult {
  /** In call order. */
  readonly outcomes: readonly { readonly key: string; readonly outcome: Outcome }[]
  /** Set when the worker exited before all plugins answered. */
  readonly exit: WorkerExit | null
}

export interface LoadListener {
  loaded(key: string, shape: unknown): void
  unloadable(key: string, why: string, fix: string | null): void
}

/** Interval of the watchdog, in milliseconds. */
const tickMs = 250

/** Extra time for the worker to report a timeout itself, in milliseconds. */
const graceMs = 1000

/** Limit for all notices of one worker, in characters. */
const maxNoticeChars = MiB

interface PendingCall {
  readonly keys: readonly string[]
  readonly context: number
  readonly outcomes: { key: string; outcome: Outcome }[]
  done(ended: WorkerExit | null): void
}

export type LoadRequest = WorkerPlugin & { readonly key: string; readonly timeoutMs: number }

/** One worker process, which loads the given plugins one after another, with its calls and its watchdog. */
export class WorkerChannel {
  /** Resolves when every plugin is loaded or refused, or when the worker has exited. */
  readonly ready: Promise<WorkerExit | null>
  readonly #resolveReady: (exit: WorkerExit | null) => void
  readonly #listener: LoadListener
  readonly #limits: ReadonlyMap<string, number>
  readonly #child: ReturnType<typeof startChild>
  readonly #watchdog: ReturnType<typeof setInterval>
  readonly #calls = new Map<number, PendingCall>()
  /** By context: a plugin keeps the context it got first and uses it in later calls. */
  readonly #services = new Map<number, PluginService>()
  #exit: WorkerExit | null = null
  #toLoad: number
  #loadingKey: string | null = null
  #loadingMs = 0
  #silentMs = 0
  #unansweredMs = 0
  #lastCall = 0
  #noticeChars = 0

  constructor(plugins: readonly LoadRequest[], facts: WorkerFacts, listener: LoadListener) {
    const { promise, resolve } = Promise.withResolvers<WorkerExit | null>()
    this.ready = promise
    this.#resolveReady = resolve
    this.#listener = listener
    this.#limits = new Map(plugins.map(({ key, timeoutMs }) => [key, timeoutMs]))
    this.#toLoad = plugins.length
    this.#child = startChild([workerFlag], {
      onMessage: (message) => this.#receive(message as FromWorker),
      onFlood: () => this.stop("it printed more than 4 MB"),
      onExit: ({ code, signal, says }) => this.#finish(describeExit(code, signal, says)),
    })
    this.#watchdog = setInterval(() => this.#check(), tickMs)
    this.#send({ kind: "load", plugins, facts }) // buffered until the worker listens
  }

  async ask(question: PluginCall, service: PluginService): Promise<CallResult> {
    const outcomes: PendingCall["outcomes"] = []
    const exit = (await this.ready) ?? this.#exit
    if (exit !== null) return { outcomes, exit }
    const number = ++this.#lastCall
    return new Promise((resolve) => {
      const keys = question.plugins.map(({ key }) => key)
      const { context } = question
      this.#services.set(context, service)
      this.#calls.set(number, { keys, context, outcomes, done: (how) => resolve({ outcomes, exit: how }) })
      if (this.#calls.size === 1) this.#silentMs = this.#unansweredMs = 0
      this.#send({ kind: "ask", call: number, question })
    })
  }

  /** Ends the worker; it is not called again. */
  end(): void {
    this.#finish("it was stopped")
    this.#child.terminate()
  }

  /** Kills the worker with everything it started; pending calls end with this reason. */
  stop(why: string): void {
    this.#finish(why)
    this.#child.killGroup()
  }

  #send(message: ToWorker): void {
    this.#child.send(message)
  }

  #finish(why: string): void {
    if (this.#exit !== null) return
    clearInterval(this.#watchdog)
    const loading = this.#toLoad > 0 && this.#loadingKey !== null ? [this.#loadingKey] : null
    this.#exit = { why, suspects: new Set(loading ?? this.#calledKeys()) }
    this.#resolveReady(this.#exit)
    for (const call of this.#calls.values()) call.done(this.#exit)
    this.#calls.clear()
  }

  /** The plugin that each pending call waits for. */
  #calledKeys(): string[] {
    return [...this.#calls.values()].map((call) => call.keys[call.outcomes.length] ?? "")
  }

  #receive(message: FromWorker): void {
    if (this.#exit !== null) return
    this.#silentMs = 0
    switch (message.kind) {
      case "loading":
        this.#loadingKey = message.key
        this.#loadingMs = 0
        break
      case "loaded":
      case "unloadable":
        if (message.kind === "loaded") this.#listener.loaded(message.key, message.shape)
        else this.#listener.unloadable(message.key, message.why, message.fix)
        if (--this.#toLoad === 0) this.#resolveReady(null)
        break
      case "answered":
        this.#settle(message)
        break
      case "request":
        void this.#serve(message)
        break
      case "says":
        this.#noticeChars += JSON.stringify(message.saying).length
        if (this.#noticeChars > maxNoticeChars) this.stop("it sent more than 1 MB of messages")
        else this.#services.get(message.context)?.notify(message.key, truncateNotice(message.saying))
        break
      case "pong":
        break
    }
  }

  #settle(message: Extract<FromWorker, { kind: "answered" }>): void {
    this.#unansweredMs = 0
    const call = this.#calls.get(message.call)
    call?.outcomes.push({ key: message.key, outcome: message.outcome })
    if (!message.last || call === undefined) return
    this.#calls.delete(message.call)
    if (![...this.#calls.values()].some(({ context }) => context === call.context))
      this.#services.delete(call.context)
    call.done(null)
  }

  async #serve({ request, context, method, args }: Extract<FromWorker, { kind: "request" }>): Promise<void> {
    const service = this.#services.get(context)
    if (service === undefined) return this.#send(failureAnswer(request, new Error("asked after its answer")))
    try {
      const value = await service.perform(method, args)
      this.#send({ kind: "answer", request, outcome: { ok: true, value } })
    } catch (error) {
      this.#send(failureAnswer(request, error))
    }
  }

  /** Counted in ticks, so that time while this program is suspended (Ctrl-Z, a closed laptop) does not count. */
  #check(): void {
    if (this.#toLoad > 0 && this.#loadingKey !== null) {
      this.#loadingMs += tickMs
      const limit = this.#limitOf([this.#loadingKey])
      if (this.#loadingMs >= limit) this.stop(`loading it took longer than ${formatSeconds(limit)}`)
    }
    if (this.#calls.size === 0 && this.#toLoad === 0) return
    // a process that starts on a busy machine says nothing for a while, either
    const limit = this.#limitOf(this.#calls.size > 0 ? this.#calledKeys() : [...this.#limits.keys()])
    this.#silentMs += tickMs
    this.#unansweredMs += tickMs
    // the worker enforces the limit itself, unless a plugin has changed its clock
    if (Math.max(this.#silentMs, this.#unansweredMs - graceMs) > limit + tickMs)
      this.stop(`it did not return within ${formatSeconds(limit)}`)
    else this.#send({ kind: "ping" })
  }

  #limitOf(keys: readonly string[]): number {
    return Math.max(tickMs, ...keys.map((key) => this.#limits.get(key) ?? 0))
  }
}

function failureAnswer(request: number, error: unknown): ToWorker {
  return { kind: "answer", request, outcome: toFailure(error) }
}

function describeExit(code: number | null, signal: string | number | null, says: string): string {
  const error = /^(?:error|[A-Za-z]*Error): .*/m.exec(says)?.[0]
  const how = signal !== null ? `it was killed by ${signal}` : `it exited (exit code ${code})`
  return error === undefined ? how : `${how}: ${error}`
}
