import type { ExportResult } from "../../domain/export/export.ts"
import type { LiveProcess } from "../../domain/session/session.ts"
import { classify } from "../../pipeline/classify.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { type ExportOptions, exportAll } from "../../pipeline/export-sessions.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { TerminationResult } from "../../rescue/terminate/terminate.ts"
import { resetTerminal } from "../../system/terminal/reset.ts"
import type { LiveSession } from "./companions.ts"
import type { TrackedDescendants } from "./descendants.ts"
import { identitiesOf, type SessionSnapshot } from "./refresh.ts"
import { type KillReport, killReport } from "./report.ts"
import { type ServiceOutcome, type StopService, watchForRestart } from "./service-stop.ts"

/** When the client was signalled, or is gone: nothing cuts this short, neither Ctrl-C nor an error. */
export async function finishKill(
  { session, companions, knownIdentities }: SessionSnapshot,
  ending: Extract<TerminationResult, { outcome: "ended" | "killed" | "still-alive" }>,
  exports: readonly ExportResult[],
  descendants: TrackedDescendants,
  stopService: StopService | null,
  ctx: RunContext,
  options: { readonly tree: boolean; readonly exporting: ExportOptions },
): Promise<KillReport> {
  const exited = ending.outcome !== "still-alive"
  const terminal = ending.outcome === "killed" ? restoreTerminal(session.process) : null
  if (options.tree && exited) await descendants.end().catch(warnOfError(ctx))
  const uninterrupted = { ...freshContext(ctx), signal: new AbortController().signal }
  // they end because it did, and a moment after it; what they write last is saved, too
  if (exited) await descendants.settle(new Set(companions.map(({ process }) => process.pid)))
  const mayReturn = exited && stopService !== null // safety: stays-ended
  const service = mayReturn ? await watchForRestart(session, stopService, uninterrupted) : null
  const all = [session, ...companions]
  // safety: saved-last
  const { results, failure } = await saveFinalWrites(
    all,
    knownIdentities,
    uninterrupted,
    options.exporting,
    exports,
  )
  const alive = (await descendants.alive().catch(warnOfError(ctx))) ?? []
  const living = new Set<number>(alive.map(({ pid }) => pid))
  const reason = "reason" in ending ? ending.reason : null
  return killReport(session, failure !== null && exited ? "failed" : ending.outcome, {
    reason: failure === null ? reason : `${exited ? "it exited" : reason}, but ${failure}`,
    exports,
    exportsAfter: results.filter(({ path }) => !exports.some((each) => each.path === path)),
    companions: companions.map((each) => ({ session: each, ended: !living.has(each.process.pid) })),
    survivors: alive.filter(({ pid }) => !companions.some(({ process }) => process.pid === pid)),
    terminal,
    ...restartedOutcome(service, session),
  })
}

/** What its service did is the outcome, whatever became of its process. */
function restartedOutcome(service: ServiceOutcome | null, { background }: LiveSession): Partial<KillReport> {
  if (service === null || service.is === "gone") return {}
  const hint = `it is saved; stop it with: claude stop ${background?.name}`
  if (service.is === "back")
    return {
      outcome: "restarted",
      reason: `it ended, but its background service restarted it as pid ${service.pid}`,
      hint,
    }
  const reason = "it ended, but is still listed by its background service, which may start it again"
  return { outcome: "restarted", reason, hint }
}

/** Another terminal's modes are not touched: only one that the killed client held in its foreground. */
function restoreTerminal({ terminal, foreground, window }: LiveProcess): KillReport["terminal"] {
  if (terminal === null || window !== undefined) return null // a window of its service lives on and draws it
  return foreground && resetTerminal(terminal) ? "reset" : "manual" // safety: own-foreground
}

function warnOfError(ctx: RunContext): (error: Error) => void {
  return (error) => ctx.warn(`cannot list the processes it started: ${error.message}`)
}

/**
 * A client writes while it dies, and may only then have made its transcript: everything is looked for again. `known`
 * are the places of all sessions before; a new, unowned transcript is assumed to belong to it.
 */
export async function saveFinalWrites(
  sessions: readonly LiveSession[],
  known: ReadonlySet<string> | null,
  ctx: RunContext,
  exporting: ExportOptions,
  before: readonly ExportResult[] = [],
): Promise<{ results: readonly ExportResult[]; failure: string | null; interrupted: boolean }> {
  try {
    const own = sessions.flatMap((session) => [session, ...session.candidates])
    const ids = new Set(own.flatMap(({ id, home }) => (id === null ? [] : [`${home}\0${id}`])))
    // its home may be known by its environment alone, which is gone with it
    const itsHomes = new Set(own.map(({ home }) => home))
    const homes = [...ctx.homes, ...itsHomes] // safety: last-home
    const looking = { ...freshContext(ctx), homes }
    const found = (await detectAll(looking, null)).filter(
      (each) =>
        itsHomes.has(each.home) &&
        ([each, ...each.candidates].some(({ id, home }) => id !== null && ids.has(`${home}\0${id}`)) ||
          (each.process === null && known !== null && !identitiesOf(each).some((place) => known.has(place)))),
    )
    const classified = await Promise.all(found.map((each) => classify(each, looking)))
    const { exports, failures, interrupted } = await exportAll(classified, ctx, exporting)
    const results = exports.map(({ result }) => result).filter(isNew)
    return {
      results,
      failure: failures[0] ? describeUnsaved(failures[0].error) : describeUncertain(results, before),
      interrupted,
    }
  } catch (error) {
    return { results: [], failure: describeUnsaved(error as Error), interrupted: false }
  }
}

function isNew({ status }: ExportResult): boolean {
  return status !== "unchanged" && status !== "empty"
}

function describeUnsaved(error: Error): string {
  return `its last writes were not saved: ${error.message}`
}

/** `before`: what it lacked then, it was ended in spite of. */
function describeUncertain(results: readonly ExportResult[], before: readonly ExportResult[]): string | null {
  const known = new Set(missingOf(before))
  const [lacking] = missingOf(results).filter((path) => !known.has(path))
  if (lacking !== undefined) return `some of its files could not be read and saved: ${lacking}`
  if (!results.some(({ status }) => status === "unconfirmed")) return null
  return "the copy of its last writes may not survive a power cut"
}

function missingOf(results: readonly ExportResult[]): readonly string[] {
  return results.flatMap(({ missing = [] }) => missing.map(({ path }) => path))
}
