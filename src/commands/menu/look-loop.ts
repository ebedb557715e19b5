import { WatcherHints } from "../../operations/watch/hints.ts"
import { narrowListed, type SessionList } from "../../pipeline/listing/list-sessions.ts"
import { LiveList } from "../../pipeline/listing/live-list.ts"
import { choosesAmongAll, type Narrowing } from "../../pipeline/narrowing.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import { FolderWatch } from "../../system/fs/folder-watch.ts"
import type { Environment } from "../framework/environment.ts"

const refreshMs = 2_000
/** A look without any sign of a change: what no event and no file tells. */
const fullLookMs = 10_000
/** Several changes in a row are one look. */
const settleMs = 150
/** Looking takes at most this share of a core, however many sessions there are. */
const maxShare = 0.018

/** Looks at the sessions every two seconds, and at once when something changes, as far as that costs next to nothing. */
export class LookLoop {
  readonly #environment: Environment
  readonly #list: LiveList
  readonly #narrowing: Narrowing
  readonly #watch: FolderWatch
  readonly #hints: WatcherHints
  readonly #onLook: (list: SessionList & { readonly now: number }) => void
  readonly #onTick: () => void
  readonly #onFailure: (error: unknown) => void
  #timer: NodeJS.Timeout | null = null
  #running = false
  #changed = false
  #lookedAt = 0
  /** Not before: looks are paid for by pauses. */
  #restUntil = 0
  #looking: Promise<void> | null = null

  /** `onTick`: time has passed, whether or not anything else has changed. */
  constructor(
    environment: Environment,
    all: boolean,
    narrowing: Narrowing,
    onLook: (list: SessionList & { readonly now: number }) => void,
    onTick: () => void,
    onFailure: (error: unknown) => void,
  ) {
    this.#environment = environment
    this.#narrowing = narrowing
    this.#list = new LiveList(environment.ctx, environment.paths, { all: all || choosesAmongAll(narrowing) })
    this.#onLook = onLook
    this.#onTick = onTick
    this.#onFailure = onFailure
    this.#watch = new FolderWatch(() => this.#hint())
    this.#hints = new WatcherHints(environment.paths, environment.ctx.files)
  }

  start(): void {
    this.#running = true
    this.#schedule(refreshMs)
  }

  /** Resolves once no look is under way. */
  async stop(): Promise<void> {
    this.#running = false
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    await this.#looking
  }

  async close(): Promise<void> {
    await this.stop()
    this.#watch.close()
  }

  /** Something was done to sessions: everything is read again. */
  async lookAnew(): Promise<void> {
    this.#list.forget()
    await this.look()
  }

  async look(): Promise<void> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = null
    })
    await this.#looking
  }

  #hint(): void {
    this.#changed = true
    this.#schedule(settleMs)
  }

  #schedule(milliseconds: number): void {
    if (!this.#running) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    const wait = Math.max(milliseconds, this.#restUntil - performance.now())
    this.#timer = setTimeout(() => void this.#tick().catch(this.#onFailure), wait)
  }

  async #tick(): Promise<void> {
    if (!this.#running) return
    const due = performance.now() - this.#lookedAt > fullLookMs
    const isWatched = await this.#hints.areThere()
    // its watcher has looked already: an event of its folder is only worth a look if it saw something
    const changed = isWatched ? this.#hints.haveChanged() : this.#changed || (await this.#list.hasChanged())
    if (due || changed) await this.look()
    this.#onTick()
    this.#schedule(refreshMs)
  }

  async #lookOnce(): Promise<void> {
    this.#changed = false
    const before = process.cpuUsage()
    const { ctx } = this.#environment
    const isWatched = await this.#hints.areThere()
    const changing = () => builtInDetectPlugins().flatMap((plugin) => plugin.changingFolders?.(ctx) ?? [])
    this.#watch.watch(isWatched ? [this.#hints.folder] : changing())
    const list = await this.#list.look()
    const { user, system } = process.cpuUsage(before)
    const spentMs = (user + system) / 1000
    this.#lookedAt = performance.now()
    this.#restUntil = this.#lookedAt + spentMs / maxShare - spentMs
    this.#onLook({ ...list, ...narrowListed(list.listed, this.#narrowing) })
  }
}
