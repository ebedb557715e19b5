/** The host side of user plugins: discovery, loading and their worker processes. */
import type { Stage } from "../../sdk/contracts.ts"
import { formatSeconds, type Outcome, type WorkerFacts } from "../protocol/messages.ts"
import { type CallResult, type PluginService, WorkerChannel, type WorkerExit } from "./worker-channel.ts"

/** A user plugin that may be loaded. */
export interface PluginEntry {
  readonly key: string
  readonly name: string
  readonly stage: Stage
  readonly path: string
  readonly timeoutMs: number
  /** Validated once the plugin is loaded. */
  options: Readonly<Record<string, unknown>>
}

export interface PoolListener {
  /** Receives its plain values and function names. Returns why it is rejected, or null. */
  onLoaded(member: PluginEntry, shape: unknown): string | null
  /** The plugin is disabled for the rest of the run. */
  onFailure(member: PluginEntry, why: string, fix: string | null): void
}

/** A request to several plugins: the first answer that is not null is used. */
export interface PluginRequest {
  readonly method: string
  readonly args: readonly unknown[]
  readonly context: object
  readonly service: PluginService
  /** Why an answer is rejected, or null. */
  validate(member: PluginEntry, value: unknown): string | null
  /** Called for every valid answer, including null. */
  onAnswer?(): void
}

/**
 * User plugins that share one worker process until it fails. When it exits early and several plugins may be
 * the cause, each of them gets a process of its own and is called again; a plugin that crashes its own
 * process is disabled.
 */
export class WorkerPool {
  readonly #members: readonly PluginEntry[]
  readonly #facts: WorkerFacts
  readonly #watcher: PoolListener
  readonly #out = new Set<string>()
  readonly #accepted = new Set<string>()
  readonly #alone = new Set<string>()
  readonly #channels = new Map<string, WorkerChannel>()
  readonly #heeded = new WeakSet<WorkerExit>()
  readonly #contexts = new WeakMap<object, number>()
  #numbers = 0
  #over = false

  constructor(members: readonly PluginEntry[], facts: WorkerFacts, watcher: PoolListener) {
    this.#members = members
    this.#facts = facts
    this.#watcher = watcher
  }

  /** Loads all plugins and disables those that cannot be loaded. */
  async load(): Promise<void> {
    while (!this.#over && this.#members.some((each) => this.#isIn(each) && !this.#accepted.has(each.key))) {
      const next = this.#members.find((each) => this.#isIn(each) && !this.#accepted.has(each.key))
      if (next === undefined) return
      const channel = this.#startedFor(next)
      const ended = channel === null ? null : await channel.ready
      if (ended !== null) this.#onExit(ended, [next])
    }
  }

  async ask(
    members: readonly PluginEntry[],
    inquiry: PluginRequest,
  ): Promise<{ member: PluginEntry; value: unknown } | null> {
    const left = members.filter((each) => this.#isIn(each))
    while (left.length > 0 && !this.#over) {
      const together = this.#together(left)
      const { outcomes, exit } = await this.#put(together, inquiry)
      if (this.#over) return null
      for (const { key, outcome } of outcomes) {
        const member = left.shift()
        if (member === undefined || member.key !== key)
          throw new Error(`an answer of ${key} was not expected`)
        const value = this.#hear(member, outcome, inquiry)
        if (value !== null) return { member, value }
      }
      if (exit !== null) this.#onExit(exit, together)
      for (let i = left.length - 1; i >= 0; i--) if (!this.#isIn(left[i])) left.splice(i, 1)
    }
    return null
  }

  /** Re-enables a plugin after a failure that concerned one session only. */
  reinstate(member: PluginEntry): void {
    if (this.#accepted.has(member.key)) this.#out.delete(member.key)
  }

  /** Ends all worker processes. */
  end(): void {
    this.#over = true
    for (const channel of this.#channels.values()) channel.stop("it was stopped")
  }

  #isIn(member: PluginEntry | undefined): member is PluginEntry {
    return member !== undefined && !this.#out.has(member.key)
  }

  #fail(member: PluginEntry, why: string, fix: string | null = null): void {
    if (this.#out.has(member.key) || this.#over) return
    this.#out.add(member.key)
    this.#watcher.onFailure(member, why, fix)
  }

  #hear(member: PluginEntry, outcome: Outcome, inquiry: PluginRequest): unknown {
    if (!outcome.ok) {
      const late = `it did not answer within ${formatSeconds(member.timeoutMs)}`
      this.#fail(member, outcome.code === "LATE" ? late : outcome.message)
      return null
    }
    if (outcome.value === null || outcome.value === undefined) {
      inquiry.onAnswer?.()
      return null
    }
    const objection = inquiry.validate(member, outcome.value)
    if (objection === null) {
      inquiry.onAnswer?.()
      return outcome.value
    }
    this.#fail(member, objection)
    return null
  }

  #put(
    members: readonly PluginEntry[],
    { method, args, context, service }: PluginRequest,
  ): Promise<CallResult> {
    const [first] = members
    if (first === undefined) throw new Error("nobody to ask")
    const plugins = members.map(({ key, options, timeoutMs }) => ({ key, options, timeoutMs }))
    const channel = this.#startedFor(first)
    if (channel === null) return Promise.resolve({ outcomes: [], exit: null })
    return channel.ask({ method, plugins, args, context: this.#numberOf(context) }, service)
  }

  /** The first plugin and those after it that share its process. */
  #together(members: readonly PluginEntry[]): readonly PluginEntry[] {
    const place = this.#placeOf(members[0])
    const end = members.findIndex((each) => this.#placeOf(each) !== place)
    return end === -1 ? [...members] : members.slice(0, end)
  }

  #placeOf(member: PluginEntry | undefined): string {
    return member !== undefined && this.#alone.has(member.key) ? member.key : ""
  }

  /** null when the process cannot be started: all plugins assigned to it are disabled. */
  #startedFor(member: PluginEntry): WorkerChannel | null {
    try {
      return this.#channelOf(member)
    } catch (error) {
      const place = this.#placeOf(member)
      const why = `no process for it could be started: ${(error as Error).message}`
      for (const each of this.#members) if (this.#placeOf(each) === place) this.#fail(each, why)
      return null
    }
  }

  #channelOf(member: PluginEntry): WorkerChannel {
    const place = this.#placeOf(member)
    const running = this.#channels.get(place)
    if (running !== undefined) return running
    const members =
      place === "" ? this.#members.filter((each) => this.#isIn(each) && !this.#alone.has(each.key)) : [member]
    const byKey = (key: string) => members.find((each) => each.key === key)
    const channel = new WorkerChannel(members, this.#facts, {
      loaded: (key, shape) => {
        const loaded = byKey(key)
        if (loaded === undefined || this.#accepted.has(key)) return
        this.#accepted.add(key)
        const why = this.#watcher.onLoaded(loaded, shape)
        if (why !== null) this.#fail(loaded, why)
      },
      unloadable: (key, why, fix) => {
        const refused = byKey(key)
        if (refused !== undefined) this.#fail(refused, why, fix)
      },
    })
    this.#channels.set(place, channel)
    return channel
  }

  /** Handles each exit once, however many calls were pending. */
  #onExit(ended: WorkerExit, waiting: readonly PluginEntry[]): void {
    if (this.#heeded.has(ended) || this.#over) return
    this.#heeded.add(ended)
    const place = this.#placeOf(waiting[0])
    this.#channels.delete(place)
    const there =
      place === "" ? this.#members.filter((each) => this.#isIn(each) && !this.#alone.has(each.key)) : waiting
    const named = there.filter(({ key }) => ended.suspects.has(key))
    const suspects = named.length === 0 ? there : named
    const [only] = suspects
    if (suspects.length === 1 && only !== undefined) this.#fail(only, ended.why)
    else for (const { key } of suspects) this.#alone.add(key)
  }

  #numberOf(context: object): number {
    const known = this.#contexts.get(context) ?? ++this.#numbers
    this.#contexts.set(context, known)
    return known
  }
}
