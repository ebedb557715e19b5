import { interrupted } from "../../domain/errors.ts"
import type { ExportResult } from "../../domain/export/export.ts"
import { sameProcess } from "../../domain/session/pid.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { exportAll } from "../../pipeline/export-sessions.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { openProcess } from "../../system/process/process-handle.ts"
import { findCompanions, type LiveSession } from "./companions.ts"
import { classifyTargets, findRefusal, killEach, reportOfError } from "./kill.ts"
import { refreshSession } from "./refresh.ts"
import { type KillReport, killReport } from "./report.ts"
import { type KillOptions, type KillQuestion, refusalAfterSaving } from "./save-then-terminate.ts"
import type { LiveTarget } from "./select-live.ts"

/** What a person is asked about when every session of a group is saved. */
export interface GroupQuestion {
  /** What would be ended, each saved. */
  readonly ready: readonly KillQuestion[]
  /** What will not be ended, whatever the answer. */
  readonly refused: readonly KillReport[]
}

export interface GroupOptions extends KillOptions {
  /** Asked once, when all of them are saved. null: nobody is asked (`--force`). */
  readonly confirmAll: ((question: GroupQuestion) => Promise<boolean>) | null
}

/**
 * Saves all of them, asks once, and ends them one after another, each as if it had been named: saved again, looked at
 * again, and only what the question named. A session that cannot be saved, or may not be ended, does not keep the others.
 */
export async function killGroup(
  found: readonly LiveTarget[],
  ctx: RunContext,
  options: GroupOptions,
): ReturnType<typeof killEach> {
  const sessions = await classifyTargets(found, ctx)
  if (options.confirmAll === null || options.dryRun) return killEach(sessions, ctx, options)
  const prepared: Prepared[] = []
  for (const session of sessions) prepared.push(await prepare(session, ctx, options))
  const ready = prepared.flatMap((each) => each.question ?? [])
  const refused = prepared.flatMap((each) => each.report ?? [])
  const agreed = ready.length === 0 || (await options.confirmAll({ ready, refused }))
  if (ctx.signal.aborted) throw interrupted("nothing was ended")
  // safety: group-said-no
  if (!agreed) {
    const reports = prepared.map(
      ({ question, report, session }) =>
        report ?? declined(question?.session ?? session, question?.exports ?? []),
    )
    return { reports, interrupted: false }
  }
  const wasNamed = createMemory(ready)
  // safety: group-named
  const confirm = async (question: KillQuestion) => wasNamed(question) || (await options.confirm(question))
  const rest = prepared.flatMap(({ session, report }) => (report === null ? [session] : []))
  const ended = await killEach(rest, ctx, { ...options, confirm })
  const reports = new Map([...refused, ...ended.reports].map((each) => [each.session.process.pid, each]))
  return {
    reports: sessions.flatMap(({ process }) => reports.get(process.pid) ?? []),
    interrupted: ended.interrupted,
  }
}

interface Prepared {
  readonly session: LiveSession
  /** null: it is not ended, or it has exited since. */
  readonly question: KillQuestion | null
  readonly report: KillReport | null
}

/** Saves it with all that would end with it, or says why it will not be ended. */
async function prepare(session: LiveSession, ctx: RunContext, options: GroupOptions): Promise<Prepared> {
  const report = (its: KillReport): Prepared => ({ session, question: null, report: its })
  try {
    if (ctx.signal.aborted) throw interrupted("nothing was ended")
    const below = await findCompanions(session, await detectAll(freshContext(ctx), null), ctx)
    const refusal = await findRefusal([session, ...below], ctx, options.caller)
    if (refusal !== null) return report(killReport(session, "refused", refusal))
    const held = await openProcess(session.process)
    held?.release()
    const snapshot = held === null ? null : await refreshSession(session, ctx)
    if (held === null || snapshot === null) return { session, question: null, report: null }
    const all = [snapshot.session, ...snapshot.companions]
    const saved = await exportAll(all, ctx, options.exporting)
    if (saved.interrupted) throw interrupted("nothing was ended")
    const exports = saved.exports.map(({ result }) => result)
    const doubt = refusalAfterSaving(saved, snapshot.session, options.acceptIncomplete)
    if (doubt !== null) return report(killReport(session, doubt.outcome, { ...doubt.why, exports }))
    const { companions } = snapshot
    const question = { session: snapshot.session, companions, exports, airtight: held.raceFree }
    return { session, question, report: null }
  } catch (thrown) {
    return report(reportOfError(thrown, session))
  }
}

/** Whether the one question named everything that another question would: each process, and each file that has no copy. */
function createMemory(ready: readonly KillQuestion[]): (question: KillQuestion) => boolean {
  const named = ready.flatMap(({ session, companions }) => [session, ...companions])
  const missing = new Set(ready.flatMap(({ exports }) => missingPaths(exports)))
  return ({ session, companions, exports }) =>
    [session, ...companions].every(({ process }) =>
      named.some((each) => sameProcess(each.process, process)),
    ) && missingPaths(exports).every((path) => missing.has(path))
}

function missingPaths(exports: readonly ExportResult[]): readonly string[] {
  return exports.flatMap(({ missing = [] }) => missing.map(({ path }) => path))
}

function declined(session: LiveSession, exports: readonly ExportResult[]): KillReport {
  return killReport(session, "declined", { reason: "not ended: nobody said yes", exports })
}
