import { dirname } from "node:path"
import { interrupted, RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { LoadedPlugin } from "../../plugin-host/protocol/loaded-plugin.ts"
import { timeLimits } from "../../plugin-host/protocol/messages.ts"
import type { PostProcessOutcome, PostProcessRun } from "../../plugin-host/protocol/post-process-run.ts"
import { readPending } from "../../rescue/catalog/saved-exports.ts"
import { guardExport } from "../../rescue/protect/hardlink-guard.ts"
import { findChanges } from "../../rescue/protect/tamper-check.ts"
import type { PostProcessPlugin } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { IndexSession } from "../indexing/index-session.ts"
import { exportedOf } from "../plugin-view.ts"
import { runPostProcess } from "./post-process.ts"
import type { QueueStates } from "./state.ts"

export interface PluginOutcome {
  readonly plugin: string
  readonly status: "done" | "failed"
  readonly why: string | null
  /** How often it was tried on this export, in all runs. */
  readonly attempts: number
  readonly result: unknown
  /** Timed out: an immediate retry would take as long again. */
  readonly late: boolean
  /** Set when the plugin has changed the export. */
  readonly damaged: RescueError | null
}

interface RunOptions {
  readonly paths: Paths
  readonly signal: AbortSignal
  readonly warn: (message: string) => void
  readonly indexSession: IndexSession
  readonly states: QueueStates
  /** Commits and writes what other exports and plugins have left to be written together. */
  readonly settle: () => Promise<void>
}

const never = new AbortController().signal
const defaultTime = { builtIn: 3_600_000, user: timeLimits["post-process"] }
/** Limits for external programs, so that a hang does not delay archiving for long. */
const shorterTimes: Readonly<Record<string, number>> = { "coditect-extractor": 300_000 }

/**
 * Runs one plugin on one export and records the outcome, which `settle` writes. While a user plugin runs, hard links
 * keep the files that it may delete. A plugin in a program of its own finds in the index what was read before, and its
 * outcome is written at once. Throws only when interrupted.
 */
export async function runOn(
  saved: SavedExport,
  loaded: LoadedPlugin<PostProcessPlugin>,
  { paths, signal, warn, indexSession, states, settle }: RunOptions,
): Promise<PluginOutcome> {
  const { plugin, source, options } = loaded
  const usual = source === "user" ? defaultTime.user : (shorterTimes[plugin.name] ?? defaultTime.builtIn)
  const timeoutMs = loaded.timeoutMs ?? usual
  let hasProgram = false
  const beforeProgram = () => {
    hasProgram = true
    return settle()
  }
  if (source === "user") await beforeProgram()
  const guard = source === "user" ? await guardExport(saved) : null // safety: export-guarded
  let outcome: PostProcessOutcome
  let reliesOnIndex = false
  try {
    const readIntoIndex: PostProcessRun["readIntoIndex"] = (exported, until) => {
      reliesOnIndex = true
      return indexSession.addExport(exported, until)
    }
    const run = { signal, warn, options, timeoutMs, paths, readIntoIndex, beforeProgram }
    outcome = await runPostProcess(loaded, exportedOf(saved), run)
  } finally {
    const back = (await guard?.release()) ?? []
    if (back.length > 0) warn(`${plugin.name} deleted ${back.join(", ")}: restored`)
  }
  if (!outcome.ok && signal.aborted) {
    throw interrupted(null, "completed work is kept; run it again for the rest")
  }
  const attempts = (states.of(saved.name, plugin.name)?.attempts ?? 0) + 1
  const status = outcome.ok ? "done" : "failed"
  const why = outcome.ok ? null : outcome.why
  const { result } = outcome
  const late = !outcome.ok && outcome.late === true
  const at = new Date().toISOString()
  const state = { plugin: plugin.name, status, attempts, error: why, at, result } as const
  states.add({ name: saved.name, state, reliesOnIndex: reliesOnIndex && outcome.ok })
  if (hasProgram) await settle()
  const damaged = await damageOf(saved, outcome)
  return { plugin: plugin.name, status, why, attempts, result: result ?? null, late, damaged }
}

/** Restored files are no longer damage, so every file is read again. */
async function damageOf(saved: SavedExport, outcome: PostProcessOutcome): Promise<RescueError | null> {
  if (outcome.ok || (outcome.damaged ?? []).length === 0) return null
  const exported = exportedOf(saved)
  const unseen = new Map(
    exported.files.map(({ path }) => [path, { statKey: "unseen", contentKey: "unseen" }]),
  )
  const what = [...(await findChanges(exported, unseen, { signal: never, advance() {} }))]
  const now = readPending(dirname(saved.manifestPath), saved.name)
  if (now === null || !Bun.deepEquals(now.manifest, saved.manifest))
    what.push(`${saved.manifestPath} was changed`)
  if (what.length === 0) return null
  const hint = "see what is left of it: session-rescue verify; then export the session again"
  return new RescueError("DAMAGED", `a plugin has changed ${saved.name}: ${what.join("; ")}`, hint)
}
