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

/** What the program does for a plugin while it is asked something. */
export interface PluginService {
  perform(method: string, args: readonly unknown[]): Promise<unknown>
  notify(key: string, saying: Notice): void
}

/** A guest that is no more. */
export interface WorkerExit {
  readonly why: string
  /** The plugins that were being loaded or asked: one of them did it. */
  readonly suspects: ReadonlySet<string>
}

export interface CallResult {
  /** In the order asked. */
  readonly outcomes: readonly { readonly key: string; readonly outcome: Outcome }[]
  /** Set when it ended before all had answered. */
  readonly exit: WorkerExit | null
}

export interface LoadListener {
  loaded(key: string, shape: unknown): void
  unloadable(key: string, why: string, mend: string | null): void
}

export interface WorkerChannel {
  /** Comes when every plugin is loaded or refused, or it has ended. */
  readonly ready: Promise<WorkerExit | null>
  ask(question: PluginCall, service: PluginService): Promise<CallResult>
  /** Nothing more is asked of it. */
  end(): void
  /** With everything that it started; whoever waits hears why. */
  stop(why: string): void
}

/** How often it is looked whether it still lives, in milliseconds. */
const tickMs = 250

/** How much longer the other side has for saying itself that a plugin is late, in milliseconds. */
const graceMs = 1000

/** Warnings and the like, in characters. */
const maxNoticeChars = 1 << 20

interface PendingCall {
  readonly keys: readonly string[]
  readonly context: number
  readonly outcomes: { key: string; outcome: Outcome }[]
  done(ended: WorkerExit | null): void
}

export type LoadRequest = WorkerPlugin & { readonly key: string; readonly timeoutMs: number }

/** Starts a process that loads these plugins one after another. */
export function startWorker(
  plugins: readonly LoadRequest[],
  facts: WorkerFacts,
  loading: LoadListener,
): WorkerChannel {
  const calls = new Map<number, PendingCall>()
  /** By context: a plugin keeps the context it got, and speaks through it whenever it is asked again. */
  const services = new Map<number, PluginService>()
  const limits = new Map(plugins.map(({ key, timeoutMs }) => [key, timeoutMs]))
  const { promise: ready, resolve: becomesReady } = Promise.withResolvers<WorkerExit | null>()
  let ended: WorkerExit | null = null
  let toLoad = plugins.length
  let underWay: string | null = null
  let loadedFor = 0
  let silentFor = 0
  let unansweredFor = 0
  let numbers = 0
  let said = 0

  const tell = (message: ToWorker) => child.send(message)

  function over(why: string): void {
    if (ended !== null) return
    clearInterval(watch)
    const asked = [...calls.values()].map((call) => call.keys[call.outcomes.length] ?? "")
    ended = { why, suspects: new Set(toLoad > 0 && underWay !== null ? [underWay] : asked) }
    becomesReady(ended)
    for (const call of calls.values()) call.done(ended)
    calls.clear()
  }

  function hear(message: FromWorker): void {
    if (ended !== null) return
    silentFor = 0
    switch (message.kind) {
      case "loading":
        underWay = message.key
        loadedFor = 0
        break
      case "loaded":
      case "unloadable":
        if (message.kind === "loaded") loading.loaded(message.key, message.shape)
        else loading.unloadable(message.key, message.why, message.mend)
        if (--toLoad === 0) becomesReady(null)
        break
      case "answered": {
        unansweredFor = 0
        const call = calls.get(message.call)
        call?.outcomes.push({ key: message.key, outcome: message.outcome })
        if (!message.last || call === undefined) break
        calls.delete(message.call)
        if (![...calls.values()].some(({ context }) => context === call.context))
          services.delete(call.context)
        call.done(null)
        break
      }
      case "request":
        void serve(message)
        break
      case "says":
        said += JSON.stringify(message.saying).length
        if (said > maxNoticeChars) stop("it said more than 1 MB")
        else services.get(message.context)?.notify(message.key, truncateNotice(message.saying))
        break
      case "pong":
        break
    }
  }

  async function serve({
    request,
    context,
    method,
    args,
  }: Extract<FromWorker, { kind: "request" }>): Promise<void> {
    const service = services.get(context)
    if (service === undefined) return tell(failureAnswer(request, new Error("asked after its answer")))
    try {
      tell({ kind: "answer", request, outcome: { ok: true, value: await service.perform(method, args) } })
    } catch (error) {
      tell(failureAnswer(request, error))
    }
  }

  /** Counted in turns, so that a suspended program (Ctrl-Z, a closed laptop) does not count as silence. */
  function look(): void {
    if (toLoad > 0 && underWay !== null) {
      loadedFor += tickMs
      if (loadedFor >= limitOf([underWay]))
        stop(`loading it took longer than ${formatSeconds(limitOf([underWay]))}`)
    }
    if (calls.size === 0 && toLoad === 0) return
    const limit = limitOf([...calls.values()].map((call) => call.keys[call.outcomes.length] ?? ""))
    silentFor += tickMs
    unansweredFor += tickMs
    // it watches the time itself, unless what a plugin has done to its clock keeps it from that
    if (Math.max(silentFor, unansweredFor - graceMs) > limit + tickMs)
      stop(`it did not come back within ${formatSeconds(limit)}`)
    else tell({ kind: "ping" })
  }

  const limitOf = (keys: readonly string[]) => Math.max(tickMs, ...keys.map((key) => limits.get(key) ?? 0))

  function stop(why: string): void {
    over(why)
    child.killGroup()
  }

  const child = startChild([workerFlag], {
    onMessage: (message) => hear(message as FromWorker),
    onFlood: () => stop("it printed more than 4 MB"),
    onExit: ({ code, signal, says }) => over(describeExit(code, signal, says)),
  })

  const watch = setInterval(look, tickMs)
  tell({ kind: "load", plugins, facts }) // at once: it is kept until somebody there listens

  return {
    ready,
    async ask(question, service) {
      const outcomes: PendingCall["outcomes"] = []
      const end = (await ready) ?? ended
      if (end !== null) return { outcomes, exit: end }
      const number = ++numbers
      return new Promise((resolve) => {
        const keys = question.plugins.map(({ key }) => key)
        const { context } = question
        services.set(context, service)
        calls.set(number, { keys, context, outcomes, done: (how) => resolve({ outcomes, exit: how }) })
        if (calls.size === 1) silentFor = unansweredFor = 0
        tell({ kind: "ask", call: number, question })
      })
    },
    end() {
      over("it was ended")
      child.terminate()
    },
    stop,
  }
}

function failureAnswer(request: number, error: unknown): ToWorker {
  return { kind: "answer", request, outcome: toFailure(error) }
}

function describeExit(code: number | null, signal: string | number | null, says: string): string {
  const error = /^(?:error|[A-Za-z]*Error): .*/m.exec(says)?.[0]
  const how = signal !== null ? `it was ended by ${signal}` : `it ended its process (exit code ${code})`
  return error === undefined ? how : `${how}: ${error}`
}
