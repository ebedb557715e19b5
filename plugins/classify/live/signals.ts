import { type Evidence, type LiveProcess, type Session, sayDuration } from "session-rescue"

/** What the registry, the footprint, the records and the process say before anything is concluded. */
export function reads(session: Session, process: LiveProcess, now: number): Evidence[] {
  const { reported, turn } = session
  const { background } = session
  const place = background?.held
    ? `in the background as ${background.name}`
    : process.terminal === null
      ? "without a terminal"
      : `on ${process.terminal}`
  return [
    { signal: "process", says: `pid ${process.pid}, state ${process.letter}, ${place}` },
    { signal: "registry", says: registryWords(reported, now) },
    { signal: "footprint", says: quietWords(session, now) },
    { signal: "records", says: turn.says },
  ]
}

function registryWords(reported: Session["reported"], now: number): string {
  if (reported === null) return "none for this process (1.x and 2.0 have no registry)"
  if (reported.status === null) return "gives no status (a session of the SDK)"
  const age = reported.since === null ? "" : ` for ${sayDuration(now - reported.since)}`
  return `${reported.status}${age}${reported.waitingFor === null ? "" : ` (${reported.waitingFor})`}`
}

function quietWords(session: Session, now: number): string {
  if (session.lastActivity === null) return "nothing on disk yet"
  const files = session.footprint.length
  return `last write ${sayDuration(now - session.lastActivity)} ago, in ${files} file${files === 1 ? "" : "s"}`
}

const tolerance = 60_000

/** How long nothing was written, in milliseconds; since its start where nothing was written at all. */
export function quietFor(session: Session, process: LiveProcess, now: number): number {
  const times = [session.lastActivity ?? 0, process.startedAt, session.reported?.since ?? 0]
  const active = Math.max(0, ...times.filter((at) => at <= now + tolerance)) // one from the future says nothing
  return Math.max(0, now - active)
}
