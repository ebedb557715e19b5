/** Classifies sessions that have a process: CURRENT, ACTIVE or HUNG. */
import {
  definePlugin,
  type Evidence,
  type Flag,
  type Session,
  type State,
  type Verdict,
} from "session-rescue"
import { judgeLiveness } from "./liveness.ts"
import { signalEvidence } from "./signals.ts"

export default definePlugin({
  name: "live",
  stage: "classify",
  async classify(session, ctx) {
    if (session.process === null)
      return session.current === null ? null : judgeCurrent(session, session.current)
    const flags: Flag[] = []
    if (session.process.terminal === null && session.mode !== "background") flags.push("no-terminal")
    const life = await judgeLiveness(session, session.process, ctx)
    const evidence: Evidence[] = [
      ...session.identity,
      ...signalEvidence(session, session.process, ctx.now),
      ...life.evidence,
    ]
    const state: State = session.current !== null ? "CURRENT" : life.hung ? "HUNG" : "ACTIVE"
    if (session.current !== null) evidence.unshift(session.current)
    return { state, detail: life.detail, evidence, flags: [...flags, ...life.flags] }
  },
})

/** It runs where its own process cannot be seen: in a sandbox of its client. */
function judgeCurrent(session: Session, current: Evidence): Verdict {
  const evidence = [
    current,
    { signal: "process", message: "its process cannot be seen from here" },
    ...session.identity,
  ]
  return { state: "CURRENT", detail: "working", evidence, flags: [] }
}
