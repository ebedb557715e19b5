import { isRescueError } from "../../domain/errors.ts"
import type { ExportResult, SavePlan } from "../../domain/export/export.ts"
import { isClientProgram } from "../../domain/session/client-program.ts"
import { type Pid, sameProcess } from "../../domain/session/pid.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { classify } from "../../pipeline/classify.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { freshLook } from "../../pipeline/fresh-look.ts"
import { actPlugin } from "../../pipeline/plugin-registry.ts"
import { type Asker, whyNeverEnded } from "../../rescue/terminate/kill-policy.ts"
import type { Context } from "../../sdk/context.ts"
import { holdProcess } from "../../system/process/process-handle.ts"
import type { LiveSession } from "./companions.ts"
import { companionsOf } from "./companions.ts"
import { seeOffspring } from "./descendants.ts"
import { endHeld, hadEnded, interrupted, type KillOptions } from "./kill-held.ts"
import { holdersOf } from "./refresh.ts"
import { type KillReport, report } from "./report.ts"
import type { FoundLive } from "./select-live.ts"

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
    const all = await detectAll(freshLook(ctx), null)
    const companions = await companionsOf(session.process, all, ctx)
    const refusal = await whyRefused([session, ...companions], ctx, options.asker)
    if (refusal !== null) return report(session, "refused", refusal) // safety: guards
    // safety: dry-run
    if (options.dryRun) return await wouldEnd(session, companions, all, ctx)
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

async function wouldEnd(
  session: LiveSession,
  companions: readonly LiveSession[],
  all: readonly FoundSession[],
  ctx: Context,
): Promise<KillReport> {
  for (const each of [session, ...companions])
    await actPlugin<ExportResult>("export").act(each, { ...ctx, save: saveNothing }) // throws as it would then
  const survivors = await seeOffspring(session.process.pid, ctx, holdersOf(all))
  return report(session, "would-end", {
    companions: companions.map((each) => ({ session: each, ended: false })),
    survivors: survivors.filter(({ pid }) => !companions.some(({ process }) => process.pid === pid)),
  })
}

async function saveNothing({ id }: SavePlan): Promise<ExportResult> {
  return { id, status: "empty", path: null, manifest: null, bytes: 0, files: 0, sha256: null, md5: null }
}

/** The first is to be ended, the others end with it. */
async function whyRefused(sessions: readonly LiveSession[], ctx: Context, asker: Asker) {
  const [session] = sessions
  const list = await ctx.processes.list()
  const target = session && list.find((entry) => sameProcess(entry, session.process))
  const any = sessions.flatMap((each) => [each, ...each.candidates])
  const ids = any.flatMap((each) => (each.id === null ? [] : [each.id]))
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
