/** What was open when the machine or its terminals went down, and opening it again. */
import { hasCrashed } from "../../domain/listing/need.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { DismissedAlarms } from "../../pipeline/listing/dismissed.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { scanAll } from "../../pipeline/scan.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { bootedAt } from "../../system/runtime/boot.ts"
import { promptTimes, seenRunning } from "./last-seen.ts"

export interface OpenThen {
  readonly session: ClassifiedSession
  /**
   * `certain`: its client noted itself as running and never took that back, or the watcher saw it run when both were cut off.
   * `likely`: it did not exit cleanly, or nothing tells.
   */
  readonly standing: "certain" | "likely"
  /** Its last sign of life, milliseconds since 1970. */
  readonly lastAlive: number
  /** Whether that was before the machine started last. */
  readonly beforeBoot: boolean
}

/** Sessions that did not exit cleanly count as open together with others up to this long after their last sign of life. */
const maxQuietMs = 24 * 3_600_000

/**
 * Without a time: sessions whose client is gone without a clean exit, and whose alarm was not dismissed. With one: those
 * that had begun by then and were alive at that time or later, or whose client was never seen to exit and that had been
 * alive up to a day before.
 */
export async function findOpenThen(
  found: readonly FoundSession[],
  at: number | null,
  ctx: RunContext,
): Promise<readonly OpenThen[]> {
  const { sessions } = await scanAll(
    found.filter(({ process, id, transcript }) => process === null && id !== null && transcript !== null),
    ctx,
  )
  const dismissed = DismissedAlarms.read(ctx.paths.data, ctx.files)
  const seen = await seenRunning(ctx)
  const typed = promptTimes(new Set(sessions.map(({ home }) => home)), ctx)
  const booted = bootedAt(ctx.now)
  const all = sessions.map((session): Candidate => {
    const prompted = typed.get(String(session.id)) ?? 0
    const lastAlive = Math.max(lastAliveOf(session), prompted)
    const seenAt = seen.get(String(session.id)) ?? null
    return {
      session,
      standing: standingOf(session, lastAlive, seenAt),
      lastAlive,
      beforeBoot: lastAlive < booted,
    }
  })
  const open = at === null ? openAtTheEnd(all, dismissed) : openAt(all, at)
  return open.toSorted((a, b) => b.lastAlive - a.lastAlive)
}

interface Candidate extends Omit<OpenThen, "standing"> {
  readonly standing: OpenThen["standing"] | null
}

/** A session that lived on after the watcher saw it was resumed since then: that sight says nothing. */
const maxAfterSightMs = 10 * 60_000

function standingOf(
  session: ClassifiedSession,
  lastAlive: number,
  seenAt: number | null,
): OpenThen["standing"] | null {
  if (session.reported?.stale === true) return "certain"
  const wasSeen = seenAt !== null && lastAlive <= seenAt + maxAfterSightMs && session.exitedCleanly !== true
  if (hasCrashed(session)) return wasSeen ? "certain" : "likely"
  return wasSeen ? "likely" : null
}

function lastAliveOf({ lastActivity, modifiedAt, reported }: ClassifiedSession): number {
  return Math.max(lastActivity ?? 0, modifiedAt ?? 0, reported?.since ?? 0)
}

function openAtTheEnd(all: readonly Candidate[], dismissed: DismissedAlarms): readonly OpenThen[] {
  const left = all.flatMap((each): OpenThen[] =>
    each.standing === null || dismissed.has(each.session) ? [] : [{ ...each, standing: each.standing }],
  )
  const newest = left.reduce((latest, { lastAlive }) => Math.max(latest, lastAlive), 0)
  return left.filter(({ standing, lastAlive }) => standing === "certain" || newest - lastAlive <= maxQuietMs)
}

function openAt(all: readonly Candidate[], at: number): readonly OpenThen[] {
  return all.flatMap((each): OpenThen[] => {
    const { session, lastAlive, standing } = each
    const hadBegun = session.startedAt !== null && session.startedAt <= at
    if (!hadBegun) return []
    if (lastAlive >= at) return [{ ...each, standing: standing ?? "likely" }]
    return standing !== null && at - lastAlive <= maxQuietMs ? [{ ...each, standing }] : []
  })
}
