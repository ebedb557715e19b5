import { type Asker, whyNeverEnded } from "../rescue/guards.ts"
import { issueReceipt, type Receipt } from "../rescue/receipt.ts"
import { terminate } from "../rescue/terminate.ts"
import { isClientProgram } from "../session/client-program.ts"
import { isRescueError, RescueError } from "../session/errors.ts"
import type { ExportResult, SavePlan } from "../session/export.ts"
import type { Pid } from "../session/pid.ts"
import { sameProcess } from "../session/process-identity.ts"
import { type HeldProcess, holdProcess } from "../system/held-process.ts"
import { calmTerminal } from "../system/terminal-reset.ts"
import { type ExportOptions, exportAll } from "./act.ts"
import { afterwards, saveLast } from "./aftermath.ts"
import { classify } from "./classify.ts"
import type { Context } from "./context.ts"
import { detectAll } from "./detect.ts"
import { type KillReport, report } from "./kill-report.ts"
import { filesOf, holdersOf, type LiveSession, type Look, lookAgain } from "./look-again.ts"
import { seeOffspring, watchOffspring } from "./offspring.ts"
import { actPlugin } from "./plugins.ts"
import type { FoundLive } from "./select-live.ts"

export interface KillOptions {
  readonly asker: Asker
  readonly exporting: ExportOptions
  readonly graceMs: number
  /** End what it has started, too. */
  readonly tree: boolean
  readonly dryRun: boolean
  /** Asked when everything is saved, before anything is ended. */
  confirm(session: LiveSession, exports: readonly ExportResult[], airtight: boolean): Promise<boolean>
  onTerm(): void
  onWait(left: number): void
  /** Called after each one. */
  onEnd(): void
}

const rounds = 3

/** One after another. Ctrl-C lets the one under way be finished once it was signalled, and begins no other. */
export async function killAll(
  found: readonly FoundLive[],
  ctx: Context,
  options: KillOptions,
): Promise<{ readonly reports: readonly KillReport[]; readonly interrupted: boolean }> {
  const reports: KillReport[] = []
  const sessions = await Promise.all(
    found.map(async (each) => ({ ...(await classify(each, ctx)), process: each.process })),
  )
  for (const session of sessions) {
    try {
      if (ctx.signal.aborted) throw interrupted()
      reports.push(await killOne(session, ctx, options))
    } catch (error) {
      if (!isRescueError(error) || error.code !== "INTERRUPTED") throw error
      if (reports.length === 0) throw error
      return { reports, interrupted: true }
    } finally {
      options.onEnd()
    }
  }
  return { reports, interrupted: false }
}

/** Export, verify, ask, look again, end, export what it still wrote. Any doubt on the way, and nothing is ended. */
async function killOne(session: LiveSession, ctx: Context, options: KillOptions): Promise<KillReport> {
  try {
    const refusal = await whyRefused(session, ctx, options.asker)
    if (refusal !== null) return report(session, "refused", refusal) // safety: guards
    // safety: dry-run
    if (options.dryRun) {
      await actPlugin<ExportResult>("export").act(session, { ...ctx, save: saveNothing }) // throws as it would then
      const holders = holdersOf(await detectAll({ ...ctx }, session.agent))
      return report(session, "would-end", {
        survivors: await seeOffspring(session.process.pid, ctx, holders),
      })
    }
    const held = await holdProcess(session.process)
    if (held === null) return await hadEnded(session, ctx, options)
    try {
      return await endHeld(session, held, ctx, options)
    } finally {
      held.release()
    }
  } catch (thrown) {
    if (isRescueError(thrown) && thrown.code === "INTERRUPTED") throw thrown
    const outcome = isRescueError(thrown) && thrown.code === "REFUSED" ? "refused" : "failed"
    const hint = isRescueError(thrown) ? thrown.hint : "nothing was ended; please report this"
    return report(session, outcome, { reason: (thrown as Error).message, hint })
  }
}

async function saveNothing({ id }: SavePlan): Promise<ExportResult> {
  return { id, status: "empty", path: null, manifest: null, bytes: 0, files: 0, sha256: null, md5: null }
}

async function whyRefused(session: LiveSession, ctx: Context, asker: Asker) {
  const list = await ctx.processes.list()
  const target = list.find((entry) => sameProcess(entry, session.process))
  const ids = [session, ...session.candidates].flatMap((each) => (each.id === null ? [] : [each.id]))
  if (target === undefined) return null // it has ended meanwhile: holding it will say so
  // safety: known-client
  return whyNeverEnded(target, ids, asker, list) ?? (await whyStranger(target.pid, ctx))
}

/** Whatever a plugin says: a process that does not look like any agent's client is not ended. */
async function whyStranger(pid: Pid, ctx: Context) {
  const program = (await ctx.processes.details([pid], [])).get(pid)
  if (program === undefined || isClientProgram(program)) return null // one that is gone: holding it will say so
  return {
    reason: `its program (${program.executable ?? "unknown"}) is no agent's client that this version knows`,
    hint: "save it with session-rescue --export, and end it by hand",
  }
}

async function endHeld(first: LiveSession, held: HeldProcess, ctx: Context, options: KillOptions) {
  let session = first
  let exports: readonly ExportResult[] = []
  let why = "its files keep changing"
  let agreed = false
  for (let round = 1; round <= rounds; round++) {
    const look = await lookAgain(session, ctx)
    if (look === null) return await vanished(session, held, ctx, options)
    session = look.session
    const saved = await exportAll([session], ctx, options.exporting)
    if (saved.interrupted) throw interrupted()
    exports = saved.exports.map(({ result }) => result)
    const doubt = doubtIn(saved.failures[0]?.error, exports)
    if (doubt !== null) return report(session, doubt.outcome, { ...doubt.why, exports }) // safety: saved-first
    const receipt = issueReceipt(held.identity, exports, filesOf(session))
    if (receipt === null) continue
    agreed ||= await options.confirm(session, exports, held.airtight)
    if (ctx.signal.aborted) throw interrupted()
    if (!agreed) return report(session, "declined", { reason: "not ended: you said no", exports }) // safety: said-no
    const ended = await endSaved(look, exports, held, receipt, ctx, options)
    if (typeof ended !== "string") return ended
    why = ended
  }
  return report(session, "refused", {
    reason: `${why} (saved ${rounds} times, not ended)`,
    hint: `wait until it is quiet, or suspend it first: kill -STOP ${session.process.pid}`,
    exports,
  })
}

/** Why not, as a string, when it has written something that the receipt does not cover. */
async function endSaved(
  look: Look,
  exports: readonly ExportResult[],
  held: HeldProcess,
  receipt: Receipt,
  ctx: Context,
  options: KillOptions,
): Promise<KillReport | string> {
  const { session } = look
  let last = look
  const offspring = await watchOffspring(session.process.pid, ctx, look.holders)
  try {
    const ending = await terminate(held, receipt, {
      graceMs: options.graceMs,
      isSuspended: async () => (await ctx.processes.pulse(session.process.pid))?.letter === "T",
      async footprint() {
        const now = await lookAgain(session, ctx) // safety: footprint-anew
        last = now ?? last
        return now && filesOf(now.session)
      },
      isCalledOff: () => ctx.signal.aborted,
      onTerm: () => options.onTerm(),
      onWait: (left) => options.onWait(left),
      async beforeKill() {
        last = await seenAnew(last, ctx)
        const { terminal, foreground } = last.session.process
        if (terminal !== null && foreground) calmTerminal(terminal)
      },
    })
    if (ending.outcome === "called-off") throw interrupted()
    if (ending.outcome === "not-covered") return ending.reason
    if (ending.outcome === "refused") return report(session, "refused", { reason: ending.reason, exports })
    return await afterwards(last, ending, exports, offspring, ctx, options)
  } finally {
    offspring.release()
  }
}

/** Whether a process holds its terminal may have changed while it had its grace. */
async function seenAnew(look: Look, ctx: Context): Promise<Look> {
  const { session } = look
  const entry = (await ctx.processes.list()).find((each) => sameProcess(each, session.process))
  const foreground = entry?.foreground ?? false
  return { ...look, session: { ...session, process: { ...session.process, foreground } } }
}

/** Why what was saved is not enough to end anything. */
function doubtIn(failure: RescueError | undefined, exports: readonly ExportResult[]) {
  if (failure !== undefined) {
    return { outcome: "failed", why: { reason: failure.message, hint: failure.hint } } as const
  }
  if (!exports.some((result) => result.status === "unconfirmed")) return null
  const reason = "the copy could not be confirmed to survive a power cut"
  return { outcome: "refused", why: { reason, hint: "save to another disk: --data-dir" } } as const
}

/** No client is seen at that process any more. */
async function vanished(session: LiveSession, held: HeldProcess, ctx: Context, options: KillOptions) {
  if (await held.hasEnded()) return hadEnded(session, ctx, options)
  const reason = "its process is alive, but is no session of an agent any more"
  return report(session, "refused", { reason, hint: "look again: session-rescue --status" })
}

async function hadEnded(session: LiveSession, ctx: Context, options: KillOptions): Promise<KillReport> {
  const saved = await saveLast(session, null, ctx, options.exporting)
  if (saved.interrupted) throw interrupted()
  const reason = `it had ended by itself${saved.failure === null ? "" : `, but ${saved.failure}`}`
  return report(session, saved.failure === null ? "ended" : "failed", { reason, after: saved.results })
}

function interrupted(): RescueError {
  return new RescueError("INTERRUPTED", "interrupted; nothing was ended", "run it again")
}
