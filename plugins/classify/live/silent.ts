import { type Evidence, type Flag, formatDuration, type Session } from "session-rescue"
import { noStatus } from "./no-status.ts"
import type { Samples } from "./resample.ts"
import type { Liveness } from "./verdict.ts"

interface Silence {
  readonly quiet: number
  readonly look: Samples
  readonly midTurn: boolean
  readonly flags: readonly Flag[]
}

/** The conversation has been silent for too long, and no work for it is visible. */
export function judgeSilent(session: Session, { quiet, look, midTurn, flags }: Silence): Liveness {
  const { reported, turn } = session
  const evidence: Evidence[] = [
    {
      signal: "silence",
      message: `no message for ${formatDuration(quiet)}, and no tool or hook is running`,
    },
  ]
  if (midTurn && turn.phase === "ended" && (turn.subagents ?? []).length > 0)
    evidence.push({ signal: "agent", message: "its own turn has ended; a background agent's has not" })
  if (look.cpuShare !== null)
    evidence.push({ signal: "cpu", message: `${Math.round(look.cpuShare * 100)} % of one core` })
  if (midTurn && reported?.status == null) evidence.push(noStatus(session))
  return { hung: true, detail: detailOf(session, look), evidence, flags }
}

function detailOf({ reported, turn }: Session, look: Samples): string {
  if (look.spins) return "spinning (CPU, no progress)"
  if ((turn.unansweredRequests ?? []).length > 1) return "no answer, retrying"
  return reported?.status == null ? "silent, cause unknown" : "silent mid-turn"
}
