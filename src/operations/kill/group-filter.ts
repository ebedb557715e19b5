import type { LiveProcess } from "../../domain/session/session.ts"
import { classify } from "../../pipeline/classify.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import { narrowingFacts } from "../../pipeline/listing/narrowing-facts.ts"
import { type Narrowing, narrowSessions } from "../../pipeline/narrowing.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import type { LiveSession } from "./companions.ts"
import type { KillReport } from "./report.ts"
import type { LiveTarget } from "./select-live.ts"

/** Which of the running sessions are to be ended, where they are not named. */
export interface GroupFilter {
  readonly narrowing: Narrowing
  /** Only sessions without a terminal; background sessions are shown by their service and count as having one. */
  readonly noTerminal: boolean
  /** Only sessions that have done nothing for at least this many milliseconds. */
  readonly idleMs: number | null
  /** All of it as it was typed. */
  readonly typed: string
}

/** The running sessions that match now. */
export async function selectGroup(
  live: readonly LiveTarget[],
  group: GroupFilter,
  ctx: RunContext,
): Promise<readonly LiveTarget[]> {
  const matching = await Promise.all(
    live.map(async (each) =>
      isInGroup({ ...(await classify(each, ctx)), process: each.process }, group, ctx),
    ),
  )
  return live.filter((_, index) => matching[index] === true)
}

/** Why a session that was chosen by what it did is not ended: it does something else now. null: it still matches. */
export async function reasonNotInGroup(
  session: LiveSession,
  group: GroupFilter,
  ctx: RunContext,
): Promise<Pick<KillReport, "reason" | "hint"> | null> {
  const looking = freshContext(ctx)
  const now = { ...(await classify(session, looking)), process: session.process }
  if (isInGroup(now, group, looking)) return null
  return {
    reason: `it no longer matches ${group.typed}: it is ${now.state}, ${now.detail}`,
    hint: `to end it anyway: session-rescue kill ${session.process.pid}`,
  }
}

export function isInGroup(session: LiveSession, group: GroupFilter, ctx: RunContext): boolean {
  const { narrowing, noTerminal, idleMs } = group
  if (noTerminal && !hasNoTerminal(session)) return false
  if (idleMs !== null && !isIdle(session, ctx.now - idleMs)) return false
  return narrowSessions([session], narrowing, narrowingFacts(ctx)).sessions.length > 0
}

function hasNoTerminal({ process, mode }: LiveSession): boolean {
  return process.terminal === null && mode !== "background"
}

/**
 * Since then nothing was said, its client was not started and reported nothing, and it is not working. A hung session
 * does nothing, whatever it was at.
 */
function isIdle(session: LiveSession, since: number): boolean {
  const { lastActivity, process, reported } = session
  if ([lastActivity, process.startedAt, reported?.since ?? null].some((at) => at !== null && at > since))
    return false
  return session.state === "HUNG" || !isAtWork(session)
}

/** By what the client reports, else by its records; what it waits for an answer to is no work. */
function isAtWork({ reported, turn }: ClassifiedSession & { readonly process: LiveProcess }): boolean {
  const status = reported?.status ?? null
  if (status !== null) return status === "busy" || status === "shell"
  return turn.phase === "mid-turn" || (turn.subagents ?? []).length > 0
}
