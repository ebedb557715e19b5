import * as v from "valibot"
import { MiB } from "../../domain/bytes.ts"
import { samePath } from "../../domain/disk-path.ts"
import type { SavePlan } from "../../domain/export/export.ts"
import type { FoundSession, Session } from "../../domain/session/session.ts"
import type { Verdict } from "../../domain/session/state.ts"
import { examined, foundSession, plan, verdict } from "./answer-schemas.ts"

/**
 * The sessions a detect plugin found, or why the answer is rejected. `alive` looks up a process by pid and
 * start mark.
 */
export function readFound(
  value: unknown,
  agent: string,
  alive: (pid: number, startMark: string) => boolean,
): readonly FoundSession[] | string {
  const result = v.safeParse(v.array(foundSession), value)
  if (!result.success) return describeIssue(result.issues[0])
  for (const each of result.output) {
    if (each.agent !== agent) return `it found a session of "${each.agent}", but handles "${agent}"`
    if (each.id === null && each.transcript === null && each.process === null) {
      return "it found a session with no id, no transcript and no process"
    }
    const { process: live } = each
    // safety: found-alive
    if (live !== null && !alive(live.pid, live.startMark)) {
      return `it found a session at process ${live.pid}, which is not there or not yours`
    }
  }
  return result.output as unknown as readonly FoundSession[]
}

/** The identifying fields of a session keep the values with which it was found. */
export function readExamined(value: unknown, session: FoundSession): Session | string {
  const result = v.safeParse(examined, value)
  return result.success ? ({ ...session, ...result.output } as Session) : describeIssue(result.issues[0])
}

/**
 * A user plugin's verdict may refine the state, never hide it: a session with a process is ACTIVE or HUNG,
 * one without is ORPHANED. CURRENT and COMPLETED (its bytes are in the archive) are facts and cannot be
 * assigned.
 */
export function readVerdict(value: unknown, session: Session): Verdict | string {
  const result = v.safeParse(verdict, value)
  if (!result.success) return describeIssue(result.issues[0])
  const { state } = result.output
  const possible = session.process === null ? ["ORPHANED"] : ["ACTIVE", "HUNG"]
  if (possible.includes(state)) return result.output // safety: verdict-possible
  const what = session.process === null ? "without a process" : "with a live process"
  return `it classified a session ${what} as ${state}: allowed is only ${possible.join(" or ")}`
}

/** A user's act plugin may save the session it was given, and no other. */
export function readPlan(value: unknown, session: Session): SavePlan | string {
  const result = v.safeParse(plan, value)
  if (!result.success) return describeIssue(result.issues[0])
  const given = result.output as unknown as SavePlan
  const same =
    given.transcript === session.transcript ||
    (given.transcript !== null &&
      session.transcript !== null &&
      samePath(given.transcript, session.transcript))
  // safety: plan-own-session
  if (given.id !== session.id || given.session.id !== session.id || !same) {
    return "it asked to save something other than the session it was given"
  }
  return given
}

const maxAnswerBytes = MiB

/** Why a value cannot be passed on: it has to fit into a JSON document. */
export function reasonNotPlain(value: unknown): string | null {
  try {
    const size = JSON.stringify(value)?.length ?? 0
    return size > maxAnswerBytes ? "its answer is larger than 1 MB" : null
  } catch (error) {
    return `its answer is not plain data (${(error as Error).message})`
  }
}

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const where = v.getDotPath(issue)
  return `its answer is not valid: ${where === null ? "" : `${where}: `}${issue.message}`
}
