import { RescueError } from "../../domain/errors.ts"
import type { HelperProcess } from "../../domain/session/background.ts"
import type { FoundSession, LiveProcess } from "../../domain/session/session.ts"
import { ambiguousSession, exportCommand } from "../../pipeline/naming/ambiguous.ts"
import { findLiveByName, type ResolvedName, refuseAmbiguousNumber } from "../../pipeline/naming/match-live.ts"
import { sessionNotFound } from "../../pipeline/naming/no-match.ts"
import { matchesName } from "../../pipeline/naming/select-sessions.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { type Caller, noSession, refusalToKill } from "../../rescue/terminate/kill-policy.ts"
import { awaitRestart } from "./await-restart.ts"
import { refuseAuxiliaryProcess } from "./refuse-auxiliary.ts"

export type LiveTarget = FoundSession & {
  readonly process: LiveProcess
  /** Set when it was named by what it is called. */
  readonly takenFor?: ResolvedName
}

/**
 * The running sessions a person named to be ended, one process each. Two processes behind one name (a terminal
 * that holds two, an id held by two) are listed and refused until a pid is named.
 */
export async function selectLiveSessions(
  names: readonly string[],
  found: readonly FoundSession[],
  ctx: RunContext,
  caller: Caller,
  helpers: ReadonlyMap<number, HelperProcess> = new Map(),
): Promise<readonly LiveTarget[]> {
  const chosen = new Map<number, LiveTarget>()
  for (const name of names) {
    const session = await selectOne(name, found, ctx, caller, helpers)
    chosen.set(session.process.pid, session)
  }
  return [...chosen.values()]
}

async function selectOne(
  name: string,
  found: readonly FoundSession[],
  ctx: RunContext,
  caller: Caller,
  helpers: ReadonlyMap<number, HelperProcess>,
): Promise<LiveTarget> {
  const fits = found.filter((session) => matchesName(name, session, ctx))
  const live = fits.filter(isLive)
  const [first] = live
  if (live.length > 1) throw await ambiguousSession(name, live, "kill", ctx) // safety: one-process
  if (first !== undefined) await refuseAmbiguousNumber(name, first, ctx) // safety: pid-or-terminal
  if (first !== undefined && fits.every((each) => each === first || each.id === first.id)) return first
  if (first !== undefined) throw await ambiguousSession(name, fits, "kill", ctx) // the beginning of another session's id, too
  const [between] = fits.filter(
    ({ background }) => background?.listed === true && background.service !== null,
  )
  if (between !== undefined && fits.length === 1) return await awaitRestart(between, ctx)
  if (fits.length > 0) {
    const message =
      fits.length === 1
        ? `"${name}" no longer has a process: nothing was ended`
        : `"${name}" matches ${fits.length} sessions, none of them with a process: nothing was ended`
    throw new RescueError("SESSION_NOT_FOUND", message, exportCommand(name, fits))
  }
  refuseAuxiliaryProcess(name, helpers) // safety: no-helper
  await refuseUnknownPid(name, ctx, caller)
  const called = await findLiveByName(name, found.filter(isLive), ctx)
  if (called !== null) return called
  throw await sessionNotFound(name, found, ctx, { verb: "kill" })
}

export function isLive(session: FoundSession): session is LiveTarget {
  return session.process !== null
}

/** A pid that must never be killed gets its own error. */
async function refuseUnknownPid(name: string, ctx: RunContext, caller: Caller): Promise<void> {
  if (!/^-?[0-9]+$/.test(name)) return
  const pid = Number(name)
  // safety: pid-one
  if (pid <= 1)
    throw new RescueError(
      "REFUSED",
      `process ${name} is never ended`,
      "name a session: session-rescue --status",
    )
  const list = await ctx.processes.list()
  const target = list.find((entry) => entry.pid === pid)
  const refusal = target === undefined ? null : refusalToKill(target, noSession, caller, list)
  if (refusal !== null)
    throw new RescueError("REFUSED", `process ${name} is not ended: ${refusal.reason}`, refusal.hint)
  if (target !== undefined) {
    const message = `process ${name} (${target.name}) is not an agent session`
    throw new RescueError("SESSION_NOT_FOUND", message, "list the sessions: session-rescue --status")
  }
}
