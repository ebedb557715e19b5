import { definePlugin, type Evidence, type Session, sayDuration } from "session-rescue"
import { growing } from "./growing.ts"

/** Sessions whose data remains and whose process is gone. */
export default definePlugin({
  name: "orphaned",
  stage: "classify",
  order: "post",
  async classify(session, ctx) {
    if (session.process !== null) return null
    const grown = await growing(session, ctx)
    const detail = grown !== null || session.reported?.foreign ? "written from elsewhere" : detailOf(session)
    const evidence: Evidence[] = [
      { signal: "process", says: "none holds it" },
      ...session.identity,
      { signal: "footprint", says: footprintWords(session, ctx.now) },
      { signal: "records", says: session.turn.says },
      ...farewellEvidence(session),
      ...(grown === null ? [] : [{ signal: "growth", says: grown }]),
      ...(session.reported?.foreign
        ? [
            {
              signal: "registry",
              says: "its registry file was written on another machine (a shared home), or before the clock was set",
            },
          ]
        : []),
    ]
    return { state: "ORPHANED", detail, evidence, flags: [] }
  },
})

function detailOf(session: Session): string {
  if (session.conversation === "none") return "subagents only"
  if (session.conversation === "empty") return "stub"
  if (session.conversation === "unreadable") return "unreadable"
  const midTurn = session.turn.phase === "mid-turn"
  if (session.reported?.stale || session.farewell === false) {
    return midTurn || session.reported?.status === "busy" ? "crashed mid-turn" : "crashed"
  }
  return midTurn ? "ended mid-turn" : "closed"
}

/** The next client that starts clears stale registry files away: then only this tells a crash. */
function farewellEvidence({ farewell }: Session): Evidence[] {
  if (farewell === null) return []
  const says = farewell
    ? "its last record is the last-prompt that a client writes when it leaves by itself"
    : "its client did not write the last-prompt record it leaves with: it was killed or cut off"
  return [{ signal: "farewell", says }]
}

function footprintWords(session: Session, now: number): string {
  if (session.lastActivity === null) return "no file left"
  const files = session.footprint.length
  return `last write ${sayDuration(now - session.lastActivity)} ago, ${files} file${files === 1 ? "" : "s"}`
}
