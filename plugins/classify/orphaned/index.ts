/** Classifies sessions without a process. */
import {
  definePlugin,
  type Evidence,
  formatDuration,
  greatest,
  type Session,
  type Verdict,
} from "session-rescue"
import { describeGrowth } from "./growing.ts"

export default definePlugin({
  name: "orphaned",
  stage: "classify",
  order: "post",
  async classify(session, ctx) {
    if (session.process !== null) return null
    const grown = await describeGrowth(session, ctx)
    const restarts = session.background?.listed === true && session.background.service !== null
    if (restarts && grown === null) return restarting(session)
    const detail = grown !== null || session.reported?.foreign ? "written from elsewhere" : detailOf(session)
    const evidence: Evidence[] = [
      ...(session.livenessUnknown === undefined
        ? [{ signal: "process", message: "no process holds it" }]
        : [{ signal: "process", message: session.livenessUnknown }]),
      ...session.identity,
      { signal: "footprint", message: describeFootprint(session, ctx.now) },
      { signal: "records", message: session.turn.message },
      ...exitEvidence(session),
      ...jobEvidence(session),
      ...(grown === null ? [] : [{ signal: "growth", message: grown }]),
      ...(session.reported?.foreign
        ? [
            {
              signal: "registry",
              message:
                "its registry file was written on another machine (a shared home), or before the clock was set",
            },
          ]
        : []),
    ]
    return { state: "ORPHANED", detail, evidence, flags: [] }
  },
})

/**
 * The background service runs and lists it: it restarts the session within 20 seconds (2.1.332, observed).
 */
function restarting(session: Session): Verdict {
  const { name = "", service } = session.background ?? {}
  const evidence: Evidence[] = [
    { signal: "process", message: "no process holds it at the moment" },
    { signal: "service", message: `the background service (pid ${service}) lists it as ${name}` },
    { signal: "records", message: session.turn.message },
  ]
  return { state: "ACTIVE", detail: "starting again", evidence, flags: [] }
}

function jobEvidence({ background }: Session): Evidence[] {
  if (background == null || background.job === null) return []
  return [{ signal: "service", message: `its background service calls it ${background.job}` }]
}

/** The client writes a last record while the service ends it. */
const exitGraceMs = 60_000

/**
 * Ended on purpose, with `claude stop` or by the service once it was done: not a crash, whatever its last
 * record is. Applies only to its last run: it may have continued in a terminal since.
 */
function endedByService({ background, turn }: Session): "stopped" | "done" | null {
  const { job = null, jobAt = null } = background ?? {}
  if (job !== "stopped" && job !== "done") return null
  return jobAt !== null && (turn.lastRecordAt ?? 0) <= jobAt + exitGraceMs ? job : null
}

function detailOf(session: Session): string {
  if (session.conversation === "none")
    return session.agent === "claude-code" ? "subagents only" : "transcript missing"
  if (session.conversation === "empty") return "stub"
  if (session.conversation === "unreadable") return "unreadable"
  if (session.livenessUnknown !== undefined) return "state unknown"
  const midTurn = session.turn.phase === "mid-turn"
  const ended = endedByService(session)
  if (ended === "stopped") return midTurn ? "stopped mid-turn" : "stopped"
  if (ended === "done") return midTurn ? "ended mid-turn" : "closed"
  if (session.reported?.stale || session.exitedCleanly === false) {
    return midTurn || session.reported?.status === "busy" ? "crashed mid-turn" : "crashed"
  }
  return midTurn ? "ended mid-turn" : "closed"
}

/** The next client that starts removes stale registry files: then only this indicates a crash. */
function exitEvidence({ exitedCleanly }: Session): Evidence[] {
  if (exitedCleanly === null) return []
  const message = exitedCleanly
    ? "its transcript ends with the record that a client writes on a normal exit"
    : "its client did not write its exit record: it was killed or cut off"
  return [{ signal: "exit", message }]
}

function describeFootprint(session: Session, now: number): string {
  if (session.lastActivity === null) return "no file left"
  const files = session.footprint.length
  const times = session.footprint
    .flatMap((file) => (file.tie === undefined ? file.modifiedAt : []))
    .filter((at) => at <= now)
  const written = Math.max(session.lastActivity, greatest(times) ?? 0)
  return `last write ${formatDuration(now - written)} ago, ${files} file${files === 1 ? "" : "s"}`
}
