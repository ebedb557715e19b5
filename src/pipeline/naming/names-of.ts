import { showPath } from "../../domain/disk-path.ts"
import type { SessionName } from "../../domain/session/naming.ts"
import type { FoundSession, Session } from "../../domain/session/session.ts"

/** Names that identify a session uniquely. */
export function uniqueNames(found: FoundSession): readonly SessionName[] {
  const names: SessionName[] = []
  for (const { id, transcript } of [found, ...found.candidates]) {
    if (id !== null) names.push({ kind: "id", value: id })
    if (transcript !== null) names.push({ kind: "transcript", value: showPath(transcript) })
  }
  if (found.process === null) return names
  const { pid, terminal } = found.process
  names.push({ kind: "pid", value: String(pid) })
  for (const each of [terminal, found.background?.terminal ?? null])
    if (each !== null) names.push({ kind: "terminal", value: each })
  return names
}

/** Other names, available once the session is read; several sessions may share them. */
export function sharedNames(session: Session): readonly SessionName[] {
  const names: SessionName[] = [...(session.names ?? [])]
  if (session.title !== null) names.push({ kind: "title", value: session.title })
  for (const folder of new Set([session.cwd, session.filing?.recorded ?? null]))
    if (folder !== null) names.push({ kind: "folder", value: folder })
  return names
}
