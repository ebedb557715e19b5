import { interrupted } from "../../domain/errors.ts"
import type { ExportResult } from "../../domain/export/export.ts"
import { sameProcess } from "../../domain/session/pid.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { type ExportOptions, type ExportReport, exportAll } from "../../pipeline/export-sessions.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { issueReceipt, type Receipt } from "../../rescue/receipt.ts"
import type { Caller } from "../../rescue/terminate/kill-policy.ts"
import { terminate } from "../../rescue/terminate/terminate.ts"
import type { ProcessHandle } from "../../system/process/process-handle.ts"
import { quietTerminal } from "../../system/terminal/reset.ts"
import { finishKill, saveFinalWrites } from "./after-kill.ts"
import type { LiveSession } from "./companions.ts"
import { trackDescendants } from "./descendants.ts"
import { footprintFiles, refreshSession, type SessionSnapshot } from "./refresh.ts"
import { type KillReport, killReport } from "./report.ts"
import { prepareServiceStop } from "./service-stop.ts"

/** What a person is asked about when everything is saved. */
export interface KillQuestion {
  readonly session: LiveSession
  /** Sessions that end with it, saved like it. */
  readonly companions: readonly LiveSession[]
  readonly exports: readonly ExportResult[]
  /** false: between the last check and a signal a small window remains (macOS). */
  readonly airtight: boolean
}

export interface KillOptions {
  readonly caller: Caller
  /** A receipt is of bytes that were read now. */
  readonly exporting: ExportOptions & { readonly unchanged: "read" }
  readonly graceMs: number
  /** End what it has started, too. */
  readonly tree: boolean
  readonly dryRun: boolean
  /** End it though not all of it could be read and saved: the person knows, and is asked with the names. */
  readonly acceptIncomplete: boolean
  /** Asked when everything is saved, before anything is ended. */
  confirm(question: KillQuestion): Promise<boolean>
  /** For a session that was chosen by what it does: why it is not any more. Asked as late as possible. */
  reasonNotChosen?(session: LiveSession): Promise<Pick<KillReport, "reason" | "hint"> | null>
  onTerm(): void
  onWait(left: number): void
  /** Called after each one. */
  onEnd(): void
}

const maxRounds = 3

/** Saves, asks, looks again and ends. What ends with it is saved and named like it, or nothing is ended. */
export async function saveThenTerminate(
  first: LiveSession,
  held: ProcessHandle,
  ctx: RunContext,
  options: KillOptions,
): Promise<KillReport> {
  let session = first
  let exports: readonly ExportResult[] = []
  let reason = "its files keep changing"
  const agreed = new Set<number>()
  const givenUp = new Set<string>()
  for (let round = 1; round <= maxRounds; round++) {
    const snapshot = await refreshSession(session, ctx)
    if (snapshot === null) return await reportVanished(session, held, ctx, options)
    session = snapshot.session
    const changed = (await options.reasonNotChosen?.(session)) ?? null
    if (changed !== null) return killReport(session, "refused", { ...changed, exports }) // safety: still-chosen
    const all = [session, ...snapshot.companions] // safety: companions-saved
    const saved = await exportAll(all, ctx, options.exporting)
    if (saved.interrupted) throw interrupted("nothing was ended")
    exports = saved.exports.map(({ result }) => result)
    const missing = options.acceptIncomplete ? exports.flatMap((result) => result.missing ?? []) : []
    const doubt = refusalAfterSaving(saved, session, options.acceptIncomplete)
    if (doubt !== null) return killReport(session, doubt.outcome, { ...doubt.why, exports }) // safety: saved-first
    const missingPaths = missing.map(({ path }) => path)
    const receipt = issueReceipt(held.identity, exports, footprintFiles(snapshot), missingPaths)
    if (receipt === null) continue
    const hasNewProcess = all.some(({ process }) => !agreed.has(process.pid)) // safety: named-first
    const hasMoreMissing = missingPaths.some((path) => !givenUp.has(path)) // safety: missing-named
    const { companions } = snapshot
    const confirmed =
      !(hasNewProcess || hasMoreMissing) ||
      (await options.confirm({ session, companions, exports, airtight: held.raceFree }))
    if (ctx.signal.aborted) throw interrupted("nothing was ended")
    if (!confirmed) return killReport(session, "declined", { reason: "not ended: nobody said yes", exports }) // safety: said-no
    for (const { process } of all) agreed.add(process.pid)
    for (const path of missingPaths) givenUp.add(path)
    const ended = await terminateSaved(snapshot, agreed, exports, held, receipt, ctx, options)
    if (typeof ended !== "string") return ended
    reason = ended
  }
  return killReport(session, "refused", {
    reason: `${reason} (saved ${maxRounds} times, not ended)`,
    hint: `wait until it is quiet, or suspend it first: kill -STOP ${session.process.pid}`,
    exports,
  })
}

/** Why not, as a string, when there is something that the receipt does not cover, or that nobody was asked about. */
async function terminateSaved(
  snapshot: SessionSnapshot,
  agreed: ReadonlySet<number>,
  exports: readonly ExportResult[],
  held: ProcessHandle,
  receipt: Receipt,
  ctx: RunContext,
  options: KillOptions,
): Promise<KillReport | string> {
  const { session } = snapshot
  const { background } = session
  let last = snapshot
  const stopService = background?.listed === true ? await prepareServiceStop(session, background, ctx) : null
  const descendants = await trackDescendants(session.process.pid, ctx, snapshot.sessionPids)
  try {
    const ending = await terminate(held, receipt, {
      graceMs: options.graceMs,
      stop: stopService,
      isSuspended: async () => (await ctx.processes.probe(session.process.pid))?.letter === "T",
      async footprint() {
        const now = await refreshSession(session, ctx) // safety: footprint-anew
        last = now ?? last
        if (now === null || now.companions.some(({ process }) => !agreed.has(process.pid))) return null
        return footprintFiles(now)
      },
      isCancelled: () => ctx.signal.aborted,
      onTerm: () => options.onTerm(),
      onWait: (left) => options.onWait(left),
      async beforeKill() {
        last = await refreshForeground(last, ctx)
        const { terminal, foreground } = last.session.process
        if (terminal !== null && foreground) quietTerminal(terminal)
      },
    })
    if (ending.outcome === "called-off") throw interrupted("nothing was ended")
    if (ending.outcome === "not-covered") return ending.reason
    if (ending.outcome === "refused")
      return killReport(session, "refused", { reason: ending.reason, exports })
    return await finishKill(last, ending, exports, descendants, stopService, ctx, options)
  } finally {
    descendants.release()
  }
}

/** Whether a process holds its terminal may have changed while it had its grace. */
async function refreshForeground(snapshot: SessionSnapshot, ctx: RunContext): Promise<SessionSnapshot> {
  const { session } = snapshot
  const entry = (await ctx.processes.list()).find((each) => sameProcess(each, session.process))
  const foreground = session.process.terminal !== null && (entry?.foreground ?? false)
  return { ...snapshot, session: { ...session, process: { ...session.process, foreground } } }
}

/** Why what was saved is not enough to end anything. */
export function refusalAfterSaving(
  { failures, exports }: ExportReport,
  target: LiveSession,
  acceptIncomplete: boolean,
) {
  const [failure] = failures
  if (failure !== undefined) {
    const { message, hint } = failure.error
    const other = failure.session !== null && failure.session.id !== target.id
    const reason = other
      ? `session ${shortId(failure.session.id)}, which would end with it: ${message}`
      : message
    return { outcome: "failed", why: { reason, hint } } as const
  }
  const [missing] = exports.flatMap(({ result }) => result.missing ?? [])
  if (missing !== undefined && !acceptIncomplete) {
    const reason = `it could not be saved completely: ${missing.path}: ${missing.why}`
    const hint = "make that file readable and run it again, or end it without: --accept-incomplete"
    return { outcome: "refused", why: { reason, hint } } as const
  }
  if (!exports.some(({ result }) => result.status === "unconfirmed")) return null
  const reason = "the copy could not be confirmed to survive a power cut"
  return { outcome: "refused", why: { reason, hint: "save to another disk: --data-dir" } } as const
}

/** No client is seen at that process any more. */
async function reportVanished(
  session: LiveSession,
  held: ProcessHandle,
  ctx: RunContext,
  options: KillOptions,
) {
  if (await held.hasExited()) return reportAlreadyEnded(session, ctx, options)
  const reason = "its process is alive, but is no longer an agent session"
  return killReport(session, "refused", { reason, hint: "check again: session-rescue --status" })
}

export async function reportAlreadyEnded(
  session: LiveSession,
  ctx: RunContext,
  options: KillOptions,
): Promise<KillReport> {
  const saved = await saveFinalWrites([session], null, ctx, options.exporting)
  if (saved.interrupted) throw interrupted("nothing was ended")
  const reason = `it had already exited${saved.failure === null ? "" : `, but ${saved.failure}`}`
  return killReport(session, saved.failure === null ? "ended" : "failed", {
    reason,
    exportsAfter: saved.results,
  })
}
