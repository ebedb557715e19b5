/** The pending queue: post-processing and archiving of finished exports. */
import { interrupted, isRescueError, RescueError, unexpected } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import { type ProgressReporter, silent } from "../../domain/progress.ts"
import type { LoadedPlugin } from "../../plugin-host/protocol/loaded-plugin.ts"
import { sweepArchive } from "../../rescue/archive/sweep.ts"
import { finishRemovals } from "../../rescue/catalog/remove-export.ts"
import { lockExport, removeStaleLocks } from "../../rescue/io/lock.ts"
import { releaseStaleGuards } from "../../rescue/protect/hardlink-guard.ts"
import type { ArchivePlugin, PostProcessPlugin } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import type { IndexSession } from "../indexing/index-session.ts"
import { archiveOne } from "./archive-one.ts"
import { isOutstanding, maxAttempts } from "./entries.ts"
import { eachPendingItem, extractorName, type PendingItem, readPendingItems } from "./queue.ts"
import { completeExport } from "./repair.ts"
import { type PluginOutcome, runOn } from "./run-plugin.ts"
import { selectPending } from "./select.ts"

export interface ProcessingOptions {
  readonly paths: Paths
  readonly version: string
  /** Exports by name, id or id prefix; null: all pending ones. Named exports are retried in any case. */
  readonly names: readonly string[] | null
  /** `export`: only what follows a command's acts. `cx`: that and everything else. */
  readonly on: "export" | "cx"
  /** null: do not archive. */
  readonly archiver: LoadedPlugin<ArchivePlugin> | null
  readonly plugins: readonly LoadedPlugin<PostProcessPlugin>[]
  /** Run no plugins; skip exports that still have outstanding ones. */
  readonly onlyProcessed?: boolean
  readonly readStored: ReadStored
  readonly reporter: ProgressReporter
  readonly signal: AbortSignal
  readonly warn: (message: string) => void
  readonly indexSession: IndexSession
}

/** Without the open index: enough for a dry run. */
export type ProcessingPlan = Omit<ProcessingOptions, "indexSession">

export interface ProcessedExport {
  readonly name: string
  readonly id: string | null
  /** The session's title when it was exported; null where it has none, and for an export without a manifest. */
  readonly title: string | null
  readonly outcomes: readonly PluginOutcome[]
  /** Path of the archived file that replaces the export. */
  readonly archived: string | null
  /** Plugins that have to run first, when only processed exports are archived. */
  readonly waitsFor: readonly string[]
  /** Why it stays pending; being locked by another run is not a failure. */
  readonly failure: RescueError | null
  readonly busy: boolean
}

export interface ProcessingReport {
  readonly exports: readonly ProcessedExport[]
  readonly interrupted: boolean
}

/**
 * Processes the pending folder: runs the outstanding plugins on each export, oldest first, and archives the
 * finished ones. A failure does not stop the next export. Cleans up first what a crashed run left unfinished.
 */
export async function processPending(options: ProcessingOptions): Promise<ProcessingReport> {
  const { paths, signal, warn, archiver, on } = options
  if (on === "export" && options.plugins.every(({ plugin }) => plugin.on !== "export")) {
    return { exports: [], interrupted: false }
  }
  const progress = silent(signal)
  const exports: ProcessedExport[] = []
  try {
    await removeStaleLocks(paths.pending)
    await finishRemovals(paths.pending, null).catch((error) => warn(error.message))
    await releaseStaleGuards(paths.pending, paths.archive, warn)
    if (archiver !== null) {
      const { pending, archive } = paths
      await sweepArchive({ pending, archive, progress, warn, readStored: options.readStored })
    }
    let { plugins } = options
    const { names } = options
    const all =
      names === null
        ? eachPendingItem(paths, signal)
        : selectPending(
            await readPendingItems(paths, signal),
            names,
            paths,
            options.onlyProcessed === true ? "archive" : "cx",
          )
    for await (const waiting of all) {
      if (signal.aborted) return { exports, interrupted: true }
      if (on === "export" && waiting.kind !== "export") continue
      const processed = await processOne(waiting, { ...options, plugins })
      if (processed === null) continue
      exports.push(processed)
      // an export to be archived is tried only now; everything else can wait for the next run
      if (archiver === null) plugins = plugins.filter((each) => !timedOut(each, processed, warn))
    }
    return { exports, interrupted: signal.aborted }
  } catch (error) {
    if (!isRescueError(error) || error.code !== "INTERRUPTED") throw error
    return { exports, interrupted: true }
  }
}

/** A plugin that hangs would hang on every pending export. */
function timedOut(
  { plugin: { name } }: LoadedPlugin<PostProcessPlugin>,
  { outcomes }: ProcessedExport,
  warn: (message: string) => void,
): boolean {
  const late = outcomes.some((outcome) => outcome.plugin === name && outcome.late)
  if (late) warn(`the plugin ${name} is skipped for the rest of this run: it timed out`)
  return late
}

/** null: nothing to do. */
async function processOne(waiting: PendingItem, options: ProcessingOptions): Promise<ProcessedExport | null> {
  const { name } = waiting
  const { id, title } = sessionOf(waiting)
  const nothing = { name, id, title, outcomes: [], archived: null, waitsFor: [], failure: null, busy: false }
  if (waiting.kind === "export" && options.archiver === null && pluginsToRun(name, options).length === 0)
    return null
  const lock = await lockExport(options.paths.pending, name).catch((error) => toWriteError(error, name))
  if (lock === null) return { ...nothing, busy: true }
  if (isRescueError(lock)) return { ...nothing, failure: lock }
  try {
    const whole = await completeExport(waiting, options)
    if (whole === null) return null // another run has handled it
    const { session } = whole.manifest
    const done = { ...nothing, name: whole.name, id: session.id, title: session.title }
    return { ...done, ...(await processWhole(whole, options)) }
  } catch (error) {
    if (isRescueError(error) && error.code === "INTERRUPTED") throw error
    return { ...nothing, failure: asRescueError(error) }
  } finally {
    lock.release()
  }
}

/** What its manifest says of the session. */
export function sessionOf(waiting: PendingItem): Pick<ProcessedExport, "id" | "title"> {
  const saved = waiting.kind === "foreign" ? null : waiting.saved
  return { id: saved?.manifest.session.id ?? null, title: saved?.manifest.session.title ?? null }
}

async function processWhole(
  saved: SavedExport,
  options: ProcessingOptions,
): Promise<Pick<ProcessedExport, "outcomes" | "archived" | "failure" | "waitsFor">> {
  const { paths, archiver, signal } = options
  const waitsFor = outstandingPlugins(saved.name, options)
  if (options.onlyProcessed === true && waitsFor.length > 0) {
    return { outcomes: [], archived: null, failure: null, waitsFor }
  }
  const outcomes: PluginOutcome[] = []
  const failed = (failure: RescueError) => ({ outcomes, archived: null, failure, waitsFor: [] })
  for (const loaded of pluginsToRun(saved.name, options)) {
    if (signal.aborted) throw interrupted(null, "completed work is kept; run it again for the rest")
    // an export to be archived is tried only now
    const rounds = archiver !== null && loaded.plugin.name !== extractorName ? maxAttempts : 1
    let outcome = await runOn(saved, loaded, options)
    for (let round = 1; round < rounds && mayRetry(outcome); round++) {
      outcome = await runOn(saved, loaded, options)
    }
    outcomes.push(outcome)
    if (outcome.damaged !== null) return failed(outcome.damaged)
  }
  if (archiver === null) return { outcomes, archived: null, failure: null, waitsFor: [] }
  const holding = options.plugins.find(
    (loaded) => loaded.plugin.name === extractorName && isOutstanding(paths.pending, saved.name, loaded),
  )
  if (holding !== undefined) return failed(blockedBy(saved, holding.plugin.name, outcomes))
  try {
    const archived = await archiveOne(saved, archiver, options)
    return { outcomes, archived: archived.path, failure: null, waitsFor: [] }
  } catch (error) {
    if (isRescueError(error) && error.code === "INTERRUPTED") throw error
    return failed(asRescueError(error))
  }
}

function outstandingPlugins(name: string, { paths, plugins }: ProcessingOptions): readonly string[] {
  return plugins.filter((each) => isOutstanding(paths.pending, name, each)).map(({ plugin }) => plugin.name)
}

function mayRetry(outcome: PluginOutcome): boolean {
  return (
    outcome.status === "failed" && outcome.damaged === null && !outcome.late && outcome.attempts < maxAttempts
  )
}

/** In execution order: plugins with `on: "export"` first. */
function pluginsToRun(name: string, { plugins, on, names, paths }: ProcessingOptions) {
  const asked = plugins.filter(({ plugin }) => on === "cx" || plugin.on === "export")
  const order = asked.toSorted((a, b) => Number(a.plugin.on === "cx") - Number(b.plugin.on === "cx"))
  return order.filter((loaded) => isOutstanding(paths.pending, name, loaded, names !== null))
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
