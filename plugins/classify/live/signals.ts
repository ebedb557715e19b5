import {
  type Evidence,
  formatDuration,
  futureToleranceMs,
  greatest,
  type LiveProcess,
  type Session,
} from "session-rescue"

/** The raw signals of the registry, footprint, records and process, before any conclusion. */
export function signalEvidence(session: Session, process: LiveProcess, now: number): Evidence[] {
  const { reported, turn } = session
  const place = process.terminal === null ? "without a terminal" : `on ${process.terminal}`
  return [
    { signal: "process", message: `pid ${process.pid}, state ${process.letter}, ${place}` },
    ...(session.agent === "claude-code"
      ? [{ signal: "registry", message: describeRegistry(reported, now) }]
      : []),
    ...(reported?.unknown ?? []).map((message) => ({ signal: "registry", message })),
    { signal: "footprint", message: describeWrites(session, now) },
    { signal: "records", message: turn.message },
    ...silenceEvidence(session, now),
  ]
}

function describeRegistry(reported: Session["reported"], now: number): string {
  if (reported === null) return "no entry that can be read for this process (1.x and 2.0 have no registry)"
  if (reported.status === null && (reported.unknown ?? []).length > 0) return "reports an unknown status"
  if (reported.status === null) return "reports no status (an SDK session)"
  const age = reported.since === null ? "" : ` for ${formatDuration(now - reported.since)}`
  return `${reported.status}${age}${reported.waitingFor === null ? "" : ` (${reported.waitingFor})`}`
}

function describeWrites(session: Session, now: number): string {
  if (session.lastActivity === null) return "nothing on disk yet"
  const files = session.footprint.length
  return `last write ${formatDuration(now - lastWrite(session, now))} ago, in ${files} file${files === 1 ? "" : "s"}`
}

/** The silence of the conversation, and the client's requests to the model since. */
function silenceEvidence({ turn }: Session, now: number): Evidence[] {
  const { lastMessageAt, unansweredRequests = [] } = turn
  if (lastMessageAt === undefined) return []
  if (lastMessageAt === null)
    return turn.phase === "unknown"
      ? []
      : [
          {
            signal: "silence",
            message: "no record of the conversation has a time: only the files' times are known",
          },
        ]
  const said = `the conversation's last record is ${formatDuration(now - lastMessageAt)} old`
  const [first, ...more] = unansweredRequests.map((at) => formatDuration(now - at))
  const last = more.at(-1)
  if (first === undefined) return [{ signal: "silence", message: said }]
  const since =
    last === undefined
      ? `; the model was asked ${first} ago and has not answered yet`
      : `; ${unansweredRequests.length} requests since then got no answer: the first ${first} ago, the last ${last} ago`
  return [{ signal: "silence", message: `${said}${since}` }]
}

/** The newest write to any file of the footprint; future times are ignored. */
export function lastWrite(session: Session, now: number): number {
  const times = [
    session.lastActivity ?? 0,
    ...session.footprint.flatMap((file) => (file.tie === undefined ? file.modifiedAt : [])),
  ]
  return Math.min(now, greatest(times.filter((at) => at <= now + futureToleranceMs)) ?? 0)
}

/** Milliseconds since the conversation last continued; since its start when nothing was written. */
export function silenceMs(session: Session, process: LiveProcess, now: number): number {
  const times = [session.lastActivity ?? 0, process.startedAt, session.reported?.since ?? 0]
  const active = Math.max(0, ...times.filter((at) => at <= now + futureToleranceMs)) // future times are ignored
  return Math.max(0, now - active)
}
