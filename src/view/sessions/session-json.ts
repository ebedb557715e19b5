import { showPath } from "../../domain/disk-path.ts"
import { contextPercent } from "../../domain/listing/context-percent.ts"
import type { FoundSession, LiveProcess } from "../../domain/session/session.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { iso, schemaVersion } from "../terminal/json.ts"
import type { ServiceView } from "./background.ts"
import type { StatusView } from "./status.ts"

export function statusDocument(view: StatusView, warnings: readonly string[]) {
  return {
    schemaVersion,
    generatedAt: iso(view.now),
    sessions: view.listed.map((item) => sessionDocument(item, view.now)),
    notShown: view.notRead,
    leftOff: view.narrowed.leftOff,
    services: (view.services ?? []).map(serviceDocument),
    rejected: view.rejected,
    warnings,
  }
}

function sessionDocument({ session, need, saved, place }: ListedSession, now: number) {
  return {
    id: session.id,
    agent: session.agent,
    state: session.state,
    detail: session.detail,
    need,
    saved: { kind: saved.kind, at: iso(saved.at) },
    flags: session.flags,
    evidence: session.evidence.map(({ signal, message }) => ({ signal, message, says: message })),
    pid: session.process?.pid ?? null,
    tty: session.process?.terminal ?? null,
    place: place === null ? null : { kind: place.kind, name: place.name, program: place.program },
    mode: session.mode ?? null,
    background: backgroundDocument(session),
    uses: usesDocument(session.process, now),
    home: session.home,
    cwd: session.cwd,
    title: session.title,
    gitBranch: session.gitBranch,
    version: session.version,
    transcript: transcriptOf(session),
    sizeBytes: session.sizeBytes,
    footprintFiles: session.footprint.length,
    lastActivity: iso(session.lastActivity),
    waitingSince: iso(waitingSince(session)),
    startedAt: iso(session.startedAt),
    model: session.model ?? null,
    contextTokens: session.contextTokens,
    contextWindow: session.contextWindow ?? null,
    contextPercent: contextPercent(session),
    purgeAt: iso(session.purgeAt),
    candidates: session.candidates.map((each) => ({ id: each.id, transcript: transcriptOf(each) })),
  }
}

function serviceDocument({ agent, home, pid, sessions, helpers }: ServiceView) {
  return {
    agent,
    home,
    pid,
    sessions,
    helpers: helpers.map(({ pid, terminal, role, message, sessions }) => ({
      pid,
      tty: terminal,
      role,
      message,
      says: message,
      holds: sessions,
    })),
  }
}

function backgroundDocument({ background }: FoundSession) {
  if (background == null) return null
  const { name, listed, job, service, host } = background
  return { name, held: listed, job, service, host }
}

/** null where nothing runs, and where it ended while it was looked at. */
function usesDocument(process: LiveProcess | null, now: number) {
  if (process?.usage === undefined) return null
  const { memoryBytes, cpuMs, processes } = process.usage
  return { memoryBytes, cpuMs, ageMs: Math.max(0, now - process.startedAt), processes }
}

/** Since when the client says that it is not at work; a file that a dead one left behind says nothing any more. */
function waitingSince({ process, reported }: FoundSession): number | null {
  const waits = process !== null && reported?.status != null && reported.status !== "busy"
  return waits ? reported.since : null
}

function transcriptOf(session: FoundSession): string | null {
  return session.transcript === null ? null : showPath(session.transcript)
}
