/** Classifies sessions that have a process: CURRENT, ACTIVE or HUNG. */
import { definePlugin, type Evidence, type Flag, type State } from "session-rescue"
import { judgeLiveness } from "./liveness.ts"
import { signalEvidence } from "./signals.ts"

export default definePlugin({
  name: "live",
  stage: "classify",
  async classify(session, ctx) {
    if (session.process === null) return null
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
