import { interrupted, isRescueError, RescueError, unexpected } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import type { LoadedPlugin } from "../../plugin-host/protocol/loaded-plugin.ts"
import { type Lock, lockExport } from "../../rescue/io/lock.ts"
import type { PostProcessPlugin } from "../../sdk/contracts.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { archiveGroup } from "./archive-group.ts"
import { isOutstanding, maxAttempts } from "./entries.ts"
import { groupLimits } from "./group-limits.ts"
import { type ProcessedExport, type ProcessingOptions, sessionOf } from "./processing.ts"
import { extractorName, type PendingItem } from "./queue.ts"
import { completeExport } from "./repair.ts"
import { type PluginOutcome, runOn } from "./run-plugin.ts"
import { QueueStates } from "./state.ts"

/** An export of the current group. */
type Member = { -readonly [Key in keyof ProcessedExport]: ProcessedExport[Key] } & {
  lock: Lock | null
  /** null: it was not opened. */
  saved: SavedExport | null
  /** Its plugins have run, or it has failed. */
  isReady: boolean
}

/**
 * Processes exports in groups: each goes through its plugins by itself, one after the other; what they read into the
 * index is committed once for the group, their outcomes are written after that, and the archives are made together.
 */
export class GroupProcessor {
  readonly #options: ProcessingOptions
  readonly #states: QueueStates
  #plugins: readonly LoadedPlugin<PostProcessPlugin>[]
  #members: Member[] = []
  #size = { bytes: 0, files: 0, began: 0 }

  constructor(options: ProcessingOptions) {
    this.#options = options
    this.#states = new QueueStates(options.paths.pending)
    this.#plugins = options.plugins
  }

  /** Whether the group is to be finished before this export is added. */
  hasRoomFor(waiting: PendingItem): boolean {
    if (this.#members.length === 0) return true
    const { bytes, files, began } = this.#size
    if (this.#members.length >= groupLimits.exports || performance.now() - began > groupLimits.ms)
      return false
    const manifest = waiting.kind === "export" ? waiting.saved.manifest : null
    if (manifest === null) return false // its size is not known, and it may be copied
    return (
      bytes + totalBytes(manifest) <= groupLimits.bytes && files + manifest.files.length <= groupLimits.files
    )
  }

  /** Runs the outstanding plugins on an export. Throws only when interrupted. */
  async add(waiting: PendingItem): Promise<void> {
    const { paths, archiver } = this.#options
    const { name } = waiting
    if (waiting.kind === "export" && archiver === null && this.#pluginsToRun(name).length === 0) return
    const lock = await lockExport(paths.pending, name).catch((error) => toWriteError(error, name))
    const failure = isRescueError(lock) ? lock : null
    const member: Member = {
      ...{ name, ...sessionOf(waiting), outcomes: [], archived: null, waitsFor: [], failure },
      busy: lock === null,
      lock: isRescueError(lock) ? null : lock,
      saved: null,
      isReady: lock === null || failure !== null,
    }
    if (this.#members.length === 0) this.#size = { bytes: 0, files: 0, began: performance.now() }
    this.#members.push(member)
    if (!member.isReady) await this.#process(member, waiting)
  }

  async #process(member: Member, waiting: PendingItem): Promise<void> {
    try {
      const saved = await completeExport(waiting, this.#options)
      if (saved === null) {
        // another run has handled it
        member.lock?.release()
        this.#members = this.#members.filter((each) => each !== member)
        return
      }
      const { id, title } = saved.manifest.session
      Object.assign(member, { saved, name: saved.name, id, title })
      this.#size.bytes += totalBytes(saved.manifest)
      this.#size.files += saved.manifest.files.length
      await this.#runPlugins(member, saved)
    } catch (error) {
      if (isRescueError(error) && error.code === "INTERRUPTED") throw error
      member.failure = asRescueError(error)
    }
    member.isReady = true
  }

  async #runPlugins(member: Member, saved: SavedExport): Promise<void> {
    const { archiver, signal, onlyProcessed, warn } = this.#options
    const waitsFor = this.#plugins
      .filter((each) => isOutstanding(this.#states, saved.name, each))
      .map(({ plugin }) => plugin.name)
    if (onlyProcessed === true && waitsFor.length > 0) {
      member.waitsFor = waitsFor
      return
    }
    const running = { ...this.#options, states: this.#states, settle: () => this.#settle() }
    for (const loaded of this.#pluginsToRun(saved.name)) {
      if (signal.aborted) throw interrupted(null, "completed work is kept; run it again for the rest")
      // an export to be archived is tried only now
      const rounds = archiver !== null && loaded.plugin.name !== extractorName ? maxAttempts : 1
      let outcome = await runOn(saved, loaded, running)
      for (let round = 1; round < rounds && mayRetry(outcome); round++)
        outcome = await runOn(saved, loaded, running)
      member.outcomes = [...member.outcomes, outcome]
      // everything that is not archived now can wait for the next run
      if (archiver === null) this.#plugins = this.#plugins.filter((each) => !timedOut(each, outcome, warn))
      if (outcome.damaged !== null) throw outcome.damaged
    }
  }

  /** In execution order: plugins with `on: "export"` first. */
  #pluginsToRun(name: string): readonly LoadedPlugin<PostProcessPlugin>[] {
    const { on, names } = this.#options
    const asked = this.#plugins.filter(({ plugin }) => on === "cx" || plugin.on === "export")
    const order = asked.toSorted((a, b) => Number(a.plugin.on === "cx") - Number(b.plugin.on === "cx"))
    return order.filter((loaded) => isOutstanding(this.#states, name, loaded, names !== null))
  }

  /** Commits the index, then writes the outcomes that rely on it. */
  async #settle(): Promise<void> {
    await this.#commit()
    await this.#save()
  }

  async #commit(): Promise<void> {
    const { indexSession } = this.#options
    const lost = await indexSession.commit() // safety: index-before-state
    for (const [name, { message }] of lost) {
      const failed = this.#states.fail(name, message)
      for (const member of this.#members.filter((each) => each.name === name)) {
        member.outcomes = member.outcomes.map((outcome) =>
          failed.includes(outcome.plugin)
            ? { ...outcome, status: "failed", why: message, result: null }
            : outcome,
        )
      }
    }
  }

  async #save(): Promise<void> {
    await this.#states.save((name, plugin, error) =>
      this.#options.warn(`${plugin} will be run again on ${name}: ${error.message}`),
    )
  }

  /** Archives the exports of the group, if that is asked for. Throws only when interrupted. */
  async finish(): Promise<readonly ProcessedExport[]> {
    await this.#commit()
    const { archiver } = this.#options
    if (archiver !== null) await this.#archive(archiver)
    for (const { name, archived } of this.#members) if (archived !== null) this.#states.drop(name)
    await this.#save()
    return this.#close(() => true)
  }

  async #archive(archiver: NonNullable<ProcessingOptions["archiver"]>): Promise<void> {
    const due: { readonly member: Member; readonly saved: SavedExport }[] = []
    for (const member of this.#members) {
      const { saved } = member
      if (saved === null || member.failure !== null || member.waitsFor.length > 0) continue
      const holding = this.#options.plugins.find(
        (loaded) => loaded.plugin.name === extractorName && isOutstanding(this.#states, saved.name, loaded),
      )
      if (holding === undefined) due.push({ member, saved })
      else member.failure = blockedBy(saved, holding.plugin.name, member.outcomes)
    }
    const results = await archiveGroup(
      due.map(({ saved }) => saved),
      archiver,
      this.#options,
    )
    for (const { member, saved } of due) {
      const result = results.get(saved)
      if (result instanceof Error) member.failure = asRescueError(result)
      else member.archived = result?.path ?? null
    }
  }

  /** After an interruption: keeps what is done. Returns the exports that nothing more was to be done with. */
  async stop(): Promise<readonly ProcessedExport[]> {
    await this.#settle()
    const { archiver } = this.#options
    return this.#close(
      ({ isReady, failure, busy, waitsFor, archived }) =>
        isReady &&
        (archiver === null || archived !== null || failure !== null || busy || waitsFor.length > 0),
    )
  }

  #close(isDone: (member: Member) => boolean): readonly ProcessedExport[] {
    const members = this.#members
    this.#members = []
    for (const { lock } of members) lock?.release()
    return members.filter(isDone).map(({ lock: _lock, saved: _saved, isReady: _isReady, ...done }) => done)
  }
}

/** A plugin that hangs would hang on every pending export. */
function timedOut(
  { plugin: { name } }: LoadedPlugin<PostProcessPlugin>,
  outcome: PluginOutcome,
  warn: (message: string) => void,
): boolean {
  const late = outcome.plugin === name && outcome.late
  if (late) warn(`the plugin ${name} is skipped for the rest of this run: it timed out`)
  return late
}

function mayRetry(outcome: PluginOutcome): boolean {
  return (
    outcome.status === "failed" && outcome.damaged === null && !outcome.late && outcome.attempts < maxAttempts
  )
}

function blockedBy(saved: SavedExport, plugin: string, outcomes: readonly PluginOutcome[]): RescueError {
  const why = outcomes.find((outcome) => outcome.plugin === plugin)?.why ?? "it has not run on this export"
  const message = `${saved.name} was not archived, because ${plugin} is not done: ${why}`
  return new RescueError("PLUGIN_FAILED", message, "it stays pending, unchanged; see session-rescue queue")
}

function asRescueError(error: unknown): RescueError {
  if (isRescueError(error)) return error
  return unexpected(error, "nothing was removed; please report this")
}
