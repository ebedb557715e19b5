import type { ClassifiedSession } from "../pipeline/stages.ts"
import { showPath } from "../session/disk-path.ts"
import type { RescueError } from "../session/errors.ts"
import type { ExportResult } from "../session/export.ts"
import type { FoundSession } from "../session/session.ts"
import type { StatusView } from "./status.ts"

/** Every document a command prints with --json. Unknown values are null; times are ISO 8601 in UTC. */
export const schemaVersion = 1

export function versionDocument(version: string) {
  return { schemaVersion, version }
}

export function statusDocument(view: StatusView, warnings: readonly string[]) {
  return {
    schemaVersion,
    generatedAt: iso(view.now),
    sessions: view.sessions.map(sessionDocument),
    notShown: view.notShown,
    rejected: view.rejected,
    warnings,
  }
}

export function sessionDocument(session: ClassifiedSession) {
  return {
    id: session.id,
    agent: session.agent,
    state: session.state,
    detail: session.detail,
    flags: session.flags,
    evidence: session.evidence,
    pid: session.process?.pid ?? null,
    tty: session.process?.terminal ?? null,
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

export function exportDocument(
  exports: readonly { readonly result: ExportResult }[],
  failures: readonly { readonly session: FoundSession; readonly error: RescueError }[],
  warnings: readonly string[],
) {
  return {
    schemaVersion,
    exports: exports.map(({ result }) => exportFacts(result)),
    failures: failures.map(({ session, error }) => ({ id: session.id, ...errorFacts(error) })),
    warnings,
  }
}

export function exportFacts(result: ExportResult) {
  const { id, status, path, manifest, bytes, sha256, md5, files } = result
  return { id, status, path, manifest, bytes, sha256, ...(md5 === null ? {} : { md5 }), files }
}

export function errorDocument(error: RescueError) {
  return { schemaVersion, error: errorFacts(error) }
}

function errorFacts({ code, message, hint }: RescueError) {
  return { code, message, hint }
}

function transcriptOf(session: FoundSession): string | null {
  return session.transcript === null ? null : showPath(session.transcript)
}

/** null for what is unknown, and for times no calendar has. */
export function iso(at: number | null): string | null {
  return at === null || Math.abs(at) > 8.64e15 ? null : new Date(at).toISOString()
}
