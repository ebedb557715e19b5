import { type ClockSample, hasSlept } from "../../domain/watch/clocks.ts"
import type { WatchNotice } from "../../domain/watch/notice.ts"
import { FolderWatch } from "../../system/fs/folder-watch.ts"
import type { WatchSaved } from "./save.ts"
import { changesSeen } from "./seen.ts"
import type { SeenSession } from "./state.ts"
import type { WatchEvent, WatcherFacts } from "./watcher-facts.ts"
import { beingSaved, needsSaving, noAnswer, quietNotices, type Task, toSave } from "./watching.ts"

const maxRestMs = 30_000
/** No look can be older: a failed one is repeated after it. */
const retryMs = 60_000

/** Looks when something changes, has sessions saved, and tells their user; all that takes memory is done by children. */
export class Watcher {
  readonly #facts: WatcherFacts
  readonly #folders: FolderWatch
  readonly #ended = Promise.withResolvers<"stopped" | "replaced">()
  #timer: NodeJS.Timeout | null = null
  #before: ClockSample
  #plannedMs = 0
  #restUntil = 0
  #lookAgainAt: number | null = null
  #stopped = false
  #isTicking = false
  #isHinted = false
  #hasRested = false
  #seen: readonly SeenSession[] = []
  #queue: Task[] = []
  #saving: Promise<void> | null = null
  #gathered: WatchNotice[] = []
  #gatherTimer: NodeJS.Timeout | null = null
  #telling: Promise<void> = Promise.resolve()
  #writing: Promise<void> = Promise.resolve()
  #ticking: Promise<void> = Promise.resolve()

  constructor(facts: WatcherFacts) {
    this.#facts = facts
    this.#before = facts.clock()
    this.#folders = new FolderWatch(() => this.#hint())
  }

  /** Until the signal; a copy that is being made is waited for. */
  async run(signal: AbortSignal): Promise<"stopped" | "replaced"> {
    const stop = () => this.#stop("stopped")
    signal.addEventListener("abort", stop)
    if (signal.aborted) stop()
    try {
      if (!this.#stopped) await this.#look()
      this.#schedule(this.#facts.timing.tickMs)
      return await this.#ended.promise
    } finally {
      signal.removeEventListener("abort", stop)
      this.#folders.close()
      await this.#finish()
    }
  }

  #stop(how: "stopped" | "replaced"): void {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#ended.resolve(how)
  }

  async #finish(): Promise<void> {
    await this.#ticking
    while (this.#saving !== null) await this.#saving
    if (this.#gatherTimer !== null) clearTimeout(this.#gatherTimer)
    this.#tellNow()
    await this.#telling
    this.#facts.watching.runs(null)
    this.#keep()
    await this.#writing
  }

  #hint(): void {
    this.#isHinted = true
    if (!this.#isTicking) this.#schedule(this.#facts.timing.settleMs)
  }

  #schedule(milliseconds: number): void {
    if (this.#stopped) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    const { running } = this.#facts.clock()
    this.#plannedMs = Math.max(milliseconds, this.#restUntil - running)
    this.#before = this.#facts.clock()
    this.#timer = setTimeout(() => {
      this.#ticking = this.#tick()
    }, this.#plannedMs)
  }

  async #tick(): Promise<void> {
    this.#isTicking = true
    this.#isHinted = false
    const after = this.#facts.clock()
    if (hasSlept(this.#before, after, this.#plannedMs)) this.#facts.watching.hasSlept(after.wall) // safety: watch-slept
    if (this.#facts.isReplaced()) return this.#stop("replaced")
    try {
      const isDue = this.#lookAgainAt !== null && after.wall >= this.#lookAgainAt
      if (isDue || after.wall < this.#lastLookAt() || (await this.#facts.changes.haveCome()))
        await this.#look()
      else if (this.#saving === null) await this.#rest()
    } catch (error) {
      this.#fails(error)
    }
    this.#isTicking = false
    this.#schedule(this.#isHinted ? this.#facts.timing.settleMs : this.#facts.timing.tickMs)
  }

  async #rest(): Promise<void> {
    const isFirst = !this.#hasRested
    this.#hasRested = true
    await this.#facts.rest(isFirst)
  }

  /** A clock that was set back makes the next look due. */
  #lastLookAt(): number {
    return this.#facts.watching.state.lastLookAt ?? 0
  }

  async #look(): Promise<void> {
    const { watching, changes, clock, timing } = this.#facts
    const from = clock()
    this.#hasRested = false
    try {
      changes.begin()
      const look = await this.#facts.look(watching.query(from.wall))
      const tasks = watching.take(look)
      this.#lookAgainAt = watching.state.nextLookAt
      changes.note(look.folders, watching.live)
      this.#folders.watch(look.folders)
      for (const message of look.warnings) watching.fails(message, from.wall)
      this.#showSeen()
      this.#act(tasks)
      this.#keep()
    } catch (error) {
      this.#lookAgainAt = from.wall + retryMs
      this.#fails(error)
      this.#keep()
    }
    const took = clock().running - from.running
    this.#restUntil = clock().running + Math.min(maxRestMs, took * timing.restFactor)
  }

  #showSeen(): void {
    const { sessions } = this.#facts.watching.state
    for (const change of changesSeen(this.#seen, sessions)) this.#say({ kind: "seen", change })
    this.#seen = sessions
  }

  #act(tasks: readonly Task[]): void {
    for (const task of tasks) {
      if (needsSaving(task)) this.#queue.push(task)
      else this.#gather(quietNotices(task))
    }
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = null
    })
  }

  /** One child after the other; what is queued in the meantime is the next one's. */
  async #saveAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const tasks = this.#queue
      this.#queue = []
      let isLate = false
      const early = setTimeout(() => {
        isLate = true
        this.#gather(tasks.flatMap(beingSaved))
      }, this.#facts.timing.patienceMs)
      const results = await this.#saveSome(tasks)
      clearTimeout(early)
      for (const task of tasks) {
        const result = results.get(task.sight.key) ?? noAnswer(task)
        const notices = this.#facts.watching.saved(task, result, this.#facts.clock().wall)
        this.#say({ kind: "saved", task, result })
        // what was told to be under way is told again only if it failed
        this.#gather(isLate ? notices.filter(({ saved }) => saved !== "saved") : notices)
      }
      this.#keep()
    }
  }

  async #saveSome(tasks: readonly Task[]): Promise<ReadonlyMap<string, WatchSaved>> {
    try {
      const results = await this.#facts.save(tasks.map(toSave))
      return new Map(results.map((result) => [result.key, result]))
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return new Map(tasks.map((task) => [task.sight.key, { ...noAnswer(task), message }]))
    }
  }

  #gather(notices: readonly WatchNotice[]): void {
    if (notices.length === 0) return
    this.#gathered.push(...notices)
    this.#gatherTimer ??= setTimeout(() => this.#tellNow(), this.#facts.timing.gatherMs)
  }

  #tellNow(): void {
    this.#gatherTimer = null
    const notices = this.#gathered
    this.#gathered = []
    if (notices.length === 0) return
    this.#telling = this.#telling.then(() => this.#tell(notices))
  }

  /** Never rejects: what comes later is told, too. */
  async #tell(notices: readonly WatchNotice[]): Promise<void> {
    try {
      const telling = await this.#facts.tell(notices)
      this.#facts.watching.told(telling, notices)
      this.#say({ kind: "told", telling })
    } catch (error) {
      this.#gathered.unshift(...notices) // safety: watch-tells-again
      this.#fails(error)
    }
    this.#keep()
  }

  #keep(): void {
    this.#writing = this.#writing.then(() =>
      this.#facts.keepState(this.#facts.watching.kept).catch((error) => this.#fails(error)),
    )
  }

  #fails(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#facts.watching.fails(message, this.#facts.clock().wall)
    this.#say({ kind: "trouble", message })
  }

  /** The reader of what is printed may be gone: the work continues. */
  #say(event: WatchEvent): void {
    try {
      this.#facts.onEvent(event)
    } catch (error) {
      this.#facts.watching.fails(String(error), this.#facts.clock().wall)
    }
  }
}
