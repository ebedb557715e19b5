/** What a session needs from its user: the order in which sessions are listed. */
import type { Session } from "../session/session.ts"
import type { Verdict } from "../session/state.ts"

/**
 * Most urgent first. `crashed`: its client died, or was cut off mid-turn. `shrunk`: holds less than when it was saved.
 * `asking`: waits for a permission or an answer. `unsaved`: the client deletes it within seven days, and no copy has
 * all of it.
 */
export const needs = [
  "hung",
  "crashed",
  "shrunk",
  "asking",
  "working",
  "waiting",
  "unsaved",
  "closed",
] as const
export type Need = (typeof needs)[number]

/** What else decides besides the session itself. */
export interface NeedFacts {
  /** A copy holds all of it, as it is now. */
  readonly saved: boolean
  /** The user has dismissed its alarm, and nothing was added to the conversation since. */
  readonly dismissed: boolean
}

/** Details of sessions without a process whose client died, or that were cut off mid-turn. */
const crashDetails: readonly string[] = ["crashed mid-turn", "crashed", "ended mid-turn", "unreadable"]

/** A session whose client died or was cut off mid-turn, however long ago, until somebody resumes it. */
export function hasCrashed({ process, state, detail }: Session & Verdict): boolean {
  return process === null && state === "ORPHANED" && crashDetails.includes(detail)
}

export function needOf(session: Session & Verdict, { saved, dismissed }: NeedFacts): Need {
  if (session.state === "HUNG") return "hung"
  if (session.process === null && !runsElsewhere(session)) {
    if (hasCrashed(session) && !dismissed) return "crashed"
    if (session.flags.includes("shrunk") && !dismissed) return "shrunk"
    return session.flags.includes("purge-soon") && !saved ? "unsaved" : "closed"
  }
  if (session.reported?.status === "waiting" && session.reported.stale !== true) return "asking"
  return session.detail.startsWith("waiting") || session.detail.startsWith("finished") ? "waiting" : "working"
}

/** Whether it is an alarm that its user can dismiss. */
export function isAlarm(need: Need): boolean {
  return need === "crashed" || need === "shrunk"
}

/** Held by a service that starts it again, or written by a process that is not on this machine. */
export function runsElsewhere({ state, detail }: Session & Verdict): boolean {
  return state === "ACTIVE" || detail === "written from elsewhere"
}
