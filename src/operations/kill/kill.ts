import { interrupted, isRescueError } from "../../domain/errors.ts"
import type { ExportResult, SavePlan } from "../../domain/export/export.ts"
import { isClientProgram } from "../../domain/session/client-program.ts"
import { type Pid, sameProcess } from "../../domain/session/pid.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { classify } from "../../pipeline/classify.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import { actPlugin, builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { type Caller, refusalToKill } from "../../rescue/terminate/kill-policy.ts"
import { openProcess } from "../../system/process/process-handle.ts"
import type { LiveSession } from "./companions.ts"
import { findCompanions } from "./companions.ts"
import { listDescendants } from "./descendants.ts"
import { sessionPids } from "./refresh.ts"
import { type KillReport, killReport } from "./report.ts"
import { type KillOptions, reportAlreadyEnded, saveThenTerminate } from "./save-then-terminate.ts"
import type { LiveTarget } from "./select-live.ts"

/** Each is asked about when it is saved. */
export async function killAll(
  found: readonly LiveTarget[],
  ctx: RunContext,
  options: KillOptions,
): ReturnType<typeof killEach> {
  return killEach(await classifyTargets(found, ctx), ctx, options)
}

export function classifyTargets(found: readonly LiveTarget[], ctx: RunContext): Promise<LiveSession[]> {
  return Promise.all(found.map(async (each) => ({ ...(await classify(each, ctx)), process: each.process })))
}

/** One after another. Ctrl-C lets the one under way be finished once it was signalled, and begins no other. */
export async function killEach(
  sessions: readonly LiveSession[],
  ctx: RunContext,
  options: KillOptions,
): Promise<{ readonly reports: readonly KillReport[]; readonly interrupted: boolean }> {
  const reports: KillReport[] = []
  for (const session of sessions) {
    try {
      if (ctx.signal.aborted) throw interrupted("nothing was ended")
      reports.push(await killSession(session, ctx, options))
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
async function killSession(session: LiveSession, ctx: RunContext, options: KillOptions): Promise<KillReport> {
  try {
    const all = await detectAll(freshContext(ctx), null)
    const companions = await findCompanions(session, all, ctx)
    const refusal = await findRefusal([session, ...companions], ctx, options.caller)
    if (refusal !== null) return killReport(session, "refused", refusal) // safety: guards
    // safety: dry-run
    if (options.dryRun) return await previewKill(session, companions, all, ctx)
    const held = await openProcess(session.process)
    if (held === null) return await reportAlreadyEnded(session, ctx, options)
    try {
      return await saveThenTerminate(session, held, ctx, options)
    } finally {
      held.release()
    }
  } catch (thrown) {
    return reportOfError(thrown, session)
  }
}

/** An error ends the work on one session; only Ctrl-C ends all of it. */
export function reportOfError(thrown: unknown, session: LiveSession): KillReport {
  if (isRescueError(thrown) && thrown.code === "INTERRUPTED") throw thrown
  const outcome = isRescueError(thrown) && thrown.code === "REFUSED" ? "refused" : "failed"
  const hint = isRescueError(thrown) ? thrown.hint : "nothing was ended; please report this"
  return killReport(session, outcome, { reason: (thrown as Error).message, hint })
}

async function previewKill(
  session: LiveSession,
  companions: readonly LiveSession[],
  all: readonly FoundSession[],
  ctx: RunContext,
): Promise<KillReport> {
  for (const each of [session, ...companions])
    await actPlugin<ExportResult>("export").act(each, { ...ctx, save: saveNothing }) // throws as it would then
  const survivors = await listDescendants(session.process.pid, ctx, sessionPids(all))
  return killReport(session, "would-end", {
    companions: companions.map((each) => ({ session: each, ended: false })),
    survivors: survivors.filter(({ pid }) => !companions.some(({ process }) => process.pid === pid)),
  })
}

async function saveNothing({ id }: SavePlan): Promise<ExportResult> {
  return { id, status: "empty", path: null, manifest: null, bytes: 0, files: 0, sha256: null, md5: null }
}

/** The first is to be ended, the others end with it. */
export async function findRefusal(sessions: readonly LiveSession[], ctx: RunContext, caller: Caller) {
  const [session] = sessions
  const list = await ctx.processes.list()
  const target = session && list.find((entry) => sameProcess(entry, session.process))
  const any = sessions.flatMap((each) => [each, ...each.candidates])
  const along = {
    ids: any.flatMap((each) => (each.id === null ? [] : [each.id])),
    pids: sessions.map(({ process }) => process.pid),
  }
  if (session === undefined || target === undefined) return null // it has exited since: opening its handle reports that
  // safety: known-client
  return refusalToKill(target, along, caller, list) ?? (await refuseUnknownProgram(session, target.pid, ctx))
}

/** Whatever a plugin says: a process that does not look like any agent's client is not ended. */
async function refuseUnknownProgram({ agent }: LiveSession, pid: Pid, ctx: RunContext) {
  const program = (await ctx.processes.details([pid], [])).get(pid)
  const isClient =
    builtInDetectPlugins().find((plugin) => plugin.agent === agent)?.isClientProgram ?? isClientProgram
  if (program === undefined || isClient(program)) return null // one that is gone: holding it will say so
  return {
    reason: `not a known agent client: ${program.executable ?? "unknown program"}`,
    hint: "save it with session-rescue --export, then end it yourself",
  }
}
