import type { ClassifiedSession } from "../pipeline/stages.ts"
import { showPath } from "../session/disk-path.ts"
import type { FoundSession } from "../session/session.ts"
import type { ServiceView } from "./background.ts"
import { iso, schemaVersion } from "./json.ts"
import type { StatusView } from "./status.ts"

export function statusDocument(view: StatusView, warnings: readonly string[]) {
  return {
    schemaVersion,
    generatedAt: iso(view.now),
    sessions: view.sessions.map(sessionDocument),
    notShown: view.notShown,
    services: (view.services ?? []).map(serviceDocument),
    rejected: view.rejected,
    warnings,
  }
}

function sessionDocument(session: ClassifiedSession) {
  return {
    id: session.id,
    agent: session.agent,
    state: session.state,
    detail: session.detail,
    flags: session.flags,
    evidence: session.evidence,
    pid: session.process?.pid ?? null,
    tty: session.process?.terminal ?? null,
    mode: session.mode ?? null,
    background: backgroundDocument(session),
    home: session.home,
    cwd: session.cwd,
    title: session.title,
    gitBranch: session.gitBranch,
    version: session.version,
    transcript: transcriptOf(session),
    sizeBytes: session.sizeBytes,
    footprintFiles: session.footprint.length,
    lastActivity: iso(session.lastActivity),
    startedAt: iso(session.startedAt),
    contextTokens: session.contextTokens,
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
    helpers: helpers.map(({ pid, terminal, role, says, holds }) => ({
      pid,
      tty: terminal,
      role,
      says,
      holds,
    })),
  }
}

function backgroundDocument({ background }: FoundSession) {
  if (background == null) return null
  const { name, held, job, service, host } = background
  return { name, held, job, service, host }
}

function transcriptOf(session: FoundSession): string | null {
  return session.transcript === null ? null : showPath(session.transcript)
}
