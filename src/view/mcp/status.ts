import type { ListedSession, NarrowedList } from "../../pipeline/listing/list-sessions.ts"
import { iso } from "../terminal/json.ts"
import { fitting, oneLine } from "./answer.ts"

interface AskedStatus {
  /** Sessions that were found, whether they match or not. */
  readonly found: number
  readonly maxTokens: number
  readonly warnings: readonly string[]
}

/** Most urgent first. */
export function askedStatusDocument(
  { listed, leftOff, notRead }: NarrowedList,
  { found, maxTokens, warnings }: AskedStatus,
) {
  const sessions = fitting(listed.map(sessionFacts), maxTokens)
  const leftOut = leftOff + listed.length - sessions.length
  return { sessions, leftOut, notRead, found, warnings: warnings.map(oneLine) }
}

function sessionFacts({ session, need, saved, place }: ListedSession) {
  const { id, agent, state, detail, flags, evidence, process } = session
  return {
    id,
    agent,
    state,
    detail,
    need,
    title: oneLine(session.title),
    folder: oneLine(session.cwd),
    pid: process?.pid ?? null,
    terminal: process?.terminal ?? null,
    place: place === null ? null : { kind: place.kind, name: oneLine(place.name) },
    lastActivity: iso(session.lastActivity),
    saved: saved.kind,
    flags,
    evidence: evidence.map(({ message }) => oneLine(message)),
  }
}
