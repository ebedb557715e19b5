import type { LiveSession } from "../../operations/kill/companions.ts"
import type { KillReport } from "../../operations/kill/report.ts"
import { sanitize } from "../terminal/sanitize.ts"

/** A process that only shows a session: it is not ended with the service that runs it. */
export interface Viewer {
  readonly pid: number
  readonly terminal: string | null
}

/** The windows of the sessions that end, when a service runs these. */
export function viewersOf(sessions: readonly LiveSession[]): readonly Viewer[] {
  const viewers = sessions.flatMap(({ process: { pid, window, terminal } }): Viewer[] =>
    window === undefined || window === pid ? [] : [{ pid: window, terminal }],
  )
  return [...new Map(viewers.map((each) => [each.pid, each])).values()]
}

/** `pts/3 (pid 406) and pts/4 (pid 512) only show this and stay open`; null without such a window. */
export function describeViewers(sessions: readonly LiveSession[], isOver: boolean): string | null {
  const viewers = viewersOf(sessions)
  if (viewers.length === 0) return null
  const names = viewers.map(
    ({ pid, terminal }) => `${terminal ?? "a window without a terminal"} (pid ${pid})`,
  )
  const it = viewers.length === 1 ? "shows it and stays" : "show them and stay"
  const after = isOver ? "leave" : "then leave"
  return `${names.join(", ")} only ${it} open without a session: ${after} with Ctrl-C`
}

/** One turn among several sessions of a process can be stopped without ending them all. */
export function describeTurnStop(session: LiveSession, companions: readonly LiveSession[]): string | null {
  const { turnStop, turn, process } = session
  const isShared = companions.some((each) => each.process.pid === process.pid)
  if (turnStop == null || !isShared || turn.phase !== "mid-turn") return null
  return `To stop its turn alone, and end nothing: ${sanitize(turnStop)}`
}

/** Of a session that a service runs: which windows are left, and what would do less. */
export function describeShared({ session, outcome, companions }: KillReport): readonly string[] {
  if (outcome !== "ended" && outcome !== "killed" && outcome !== "would-end") return []
  const others = companions.map((each) => each.session)
  const isOver = outcome !== "would-end"
  const stop = isOver ? null : describeTurnStop(session, others)
  return [describeViewers([session, ...others], isOver), stop].filter((each) => each !== null)
}
