import { startChild } from "../../system/process/child-ipc.ts"
import {
  cut,
  type FromGuest,
  failureOf,
  type GuestFacts,
  type GuestPlugin,
  type Outcome,
  type Question,
  type Saying,
  seconds,
  type ToGuest,
} from "../protocol/messages.ts"
import { guestArgument } from "../protocol/worker-flag.ts"

/** What the program does for a plugin while it is asked something. */
export interface Service {
  perform(method: string, args: readonly unknown[]): Promise<unknown>
  hear(key: string, saying: Saying): void
}

/** A guest that is no more. */
export interface Ended {
  readonly why: string
  /** The plugins that were being loaded or asked: one of them did it. */
  readonly suspects: ReadonlySet<string>
}

export interface Answers {
  /** In the order asked. */
  readonly given: readonly { readonly key: string; readonly outcome: Outcome }[]
  /** Set when it ended before all had answered. */
  readonly ended: Ended | null
}

export interface Loading {
  loaded(key: string, shape: unknown): void
  unloadable(key: string, why: string, mend: string | null): void
}

export interface GuestLine {
  /** Comes when every plugin is loaded or refused, or it has ended. */
  readonly ready: Promise<Ended | null>
  ask(question: Question, service: Service): Promise<Answers>
  /** Nothing more is asked of it. */
  end(): void
  /** With everything that it started; whoever waits hears why. */
  stop(why: string): void
}

/** How often it is looked whether it still lives, in milliseconds. */
const turn = 250

/** How much longer the other side has for saying itself that a plugin is late, in milliseconds. */
const grace = 1000

/** Warnings and the like, in characters. */
const mostSaid = 1 << 20

interface Call {
  readonly keys: readonly string[]
  readonly context: number
  readonly given: { key: string; outcome: Outcome }[]
  done(ended: Ended | null): void
}

export type Loadable = GuestPlugin & { readonly key: string; readonly timeoutMs: number }

/** Starts a process that loads these plugins one after another. */
export function startGuest(plugins: readonly Loadable[], facts: GuestFacts, loading: Loading): GuestLine {
  const calls = new Map<number, Call>()
  /** By context: a plugin keeps the context it got, and speaks through it whenever it is asked again. */
  const services = new Map<number, Service>()
  const limits = new Map(plugins.map(({ key, timeoutMs }) => [key, timeoutMs]))
  const { promise: ready, resolve: becomesReady } = Promise.withResolvers<Ended | null>()
  let ended: Ended | null = null
  let toLoad = plugins.length
  let underWay: string | null = null
  let loadedFor = 0
  let silentFor = 0
  let unansweredFor = 0
  let numbers = 0
  let said = 0

  const tell = (message: ToGuest) => child.send(message)

  function over(why: string): void {
    if (ended !== null) return
    clearInterval(watch)
    const asked = [...calls.values()].map((call) => call.keys[call.given.length] ?? "")
    ended = { why, suspects: new Set(toLoad > 0 && underWay !== null ? [underWay] : asked) }
    becomesReady(ended)
    for (const call of calls.values()) call.done(ended)
    calls.clear()
  }

  function hear(message: FromGuest): void {
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
        call?.given.push({ key: message.key, outcome: message.outcome })
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
        if (said > mostSaid) stop("it said more than 1 MB")
        else services.get(message.context)?.hear(message.key, cut(message.saying))
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
  }: Extract<FromGuest, { kind: "request" }>): Promise<void> {
    const service = services.get(context)
    if (service === undefined) return tell(answer(request, new Error("asked after its answer")))
    try {
      tell({ kind: "answer", request, outcome: { ok: true, value: await service.perform(method, args) } })
    } catch (error) {
      tell(answer(request, error))
    }
  }

  /** Counted in turns, so that a suspended program (Ctrl-Z, a closed laptop) does not count as silence. */
  function look(): void {
    if (toLoad > 0 && underWay !== null) {
      loadedFor += turn
      if (loadedFor >= limitOf([underWay]))
        stop(`loading it took longer than ${seconds(limitOf([underWay]))}`)
    }
    if (calls.size === 0 && toLoad === 0) return
    const limit = limitOf([...calls.values()].map((call) => call.keys[call.given.length] ?? ""))
    silentFor += turn
    unansweredFor += turn
    // it watches the time itself, unless what a plugin has done to its clock keeps it from that
    if (Math.max(silentFor, unansweredFor - grace) > limit + turn)
      stop(`it did not come back within ${seconds(limit)}`)
    else tell({ kind: "ping" })
  }

  const limitOf = (keys: readonly string[]) => Math.max(turn, ...keys.map((key) => limits.get(key) ?? 0))

  function stop(why: string): void {
    over(why)
    child.killGroup()
  }

  const child = startChild([guestArgument], {
    onMessage: (message) => hear(message as FromGuest),
    onFlood: () => stop("it printed more than 4 MB"),
    onExit: ({ code, signal, says }) => over(sayEnd(code, signal, says)),
  })

  const watch = setInterval(look, turn)
  tell({ kind: "load", plugins, facts }) // at once: it is kept until somebody there listens

  return {
    ready,
    async ask(question, service) {
      const given: Call["given"] = []
      const end = (await ready) ?? ended
      if (end !== null) return { given, ended: end }
      const number = ++numbers
      return new Promise((resolve) => {
        const keys = question.plugins.map(({ key }) => key)
        const { context } = question
        services.set(context, service)
        calls.set(number, { keys, context, given, done: (how) => resolve({ given, ended: how }) })
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

function answer(request: number, error: unknown): ToGuest {
  return { kind: "answer", request, outcome: failureOf(error) }
}

function sayEnd(code: number | null, signal: string | number | null, says: string): string {
  const error = /^(?:error|[A-Za-z]*Error): .*/m.exec(says)?.[0]
  const how = signal !== null ? `it was ended by ${signal}` : `it ended its process (exit code ${code})`
  return error === undefined ? how : `${how}: ${error}`
}
