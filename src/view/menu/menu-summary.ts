import { shortId } from "../../domain/session/session-id.ts"
import type { State } from "../../domain/session/state.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { count } from "../terminal/format.ts"
import type { SystemOutput } from "../terminal/output.ts"

/** What was done in one visit to the menu. */
export interface VisitSummary {
  readonly saved: number
  readonly ended: number
  readonly left: "by choice" | "Ctrl-C"
  /** The session that was saved or looked at last. */
  readonly lastId: string | null
}

/** What a person came for is on top; within it, what was active last. */
export function mostUrgentFirst(sessions: readonly ClassifiedSession[]): readonly ClassifiedSession[] {
  const activity = (session: ClassifiedSession) => session.lastActivity ?? session.process?.startedAt ?? 0
  return sessions.toSorted((a, b) => rank(a) - rank(b) || activity(b) - activity(a))
}

const ranks: Record<State, number> = { HUNG: 0, ACTIVE: 1, CURRENT: 2, ORPHANED: 4, COMPLETED: 5 }

function rank(session: ClassifiedSession): number {
  const purged = session.process === null && session.flags.includes("purge-soon")
  return purged ? 3 : ranks[session.state]
}

export function showVisitSummary({ saved, ended, left, lastId }: VisitSummary, out: SystemOutput): void {
  const done = [
    ...(saved > 0 ? [`${count(saved, "export")} verified`] : []),
    ...(ended > 0 ? [`${count(ended, "session")} ended`] : []),
  ]
  const what = done.length === 0 ? "nothing was exported or ended" : done.join(", ")
  out.print(left === "Ctrl-C" ? `Interrupted: ${what}.` : `Exited: ${what}.`)
  out.print(
    lastId === null ? "Next: session-rescue --status" : `Next: session-rescue --resume ${shortId(lastId)}`,
  )
}
