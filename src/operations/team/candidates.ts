import { realpathSync } from "node:fs"
import { dirname } from "node:path"
import type { SavedExport } from "../../domain/export/export.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import { isInProject } from "../../domain/project-filter.ts"
import { parseSessionId, type SessionId } from "../../domain/session/session-id.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { TeamSettings } from "../../system/config/team.ts"
import { exists } from "../../system/fs/files.ts"
import { pulledSessions } from "./marks.ts"

/** Keeps every session below the folder in which it is on this machine, for good. */
const privateMarker = ".session-rescue-private"

/** Why exports stay on this machine. */
type KeptReason = StayReason | "pending" | "unarchived"
/** Why nothing of a session leaves this machine. */
type StayReason = "outside" | "excluded" | "private" | "pulled"

/** An archived export of a project that has opted in. */
export interface Candidate {
  readonly name: string
  readonly session: SessionId
  readonly title: string | null
  readonly cwd: string
  /** Of the conversation's files, before they were archived. */
  readonly bytes: number
  /** The archive folder that holds it. */
  readonly folder: string
}

export interface Candidates {
  /** Oldest first. */
  readonly chosen: readonly Candidate[]
  readonly kept: Readonly<Record<KeptReason, number>>
}

/** Which exports may leave this machine. Deny wins; what is not known to be allowed stays. */
export function findCandidates(paths: Paths, settings: TeamSettings): Candidates {
  const chosen: Candidate[] = []
  const kept = { outside: 0, excluded: 0, private: 0, pulled: 0, pending: 0, unarchived: 0 }
  const reasonFor = leavingRule(paths, settings)
  for (const saved of readEverySaved(paths).each(new Set())) {
    const { cwd, id, title } = saved.manifest.session
    const session = parseSessionId(id)
    const reason = (session === null ? "outside" : reasonFor(session, cwd)) ?? reasonNotReady(saved)
    if (reason !== null) kept[reason]++
    else if (cwd !== null && session !== null)
      chosen.push({
        ...{ name: saved.name, session, title, cwd },
        bytes: totalBytes(saved.manifest),
        folder: dirname(saved.manifestPath),
      })
  }
  return { chosen, kept }
}

/**
 * Why a session stays on this machine, from the folder in which it ran; null: it may leave. The one rule for what is
 * pushed and what is sent to the team's index.
 */
export function leavingRule(
  paths: Pick<Paths, "data">,
  settings: TeamSettings,
): (session: string, folder: string | null) => StayReason | null {
  const ofOthers = pulledSessions(paths, settings.owner ?? "")
  const ofFolder = rememberByFolder((folder) => reasonStays(folder, settings))
  return (session, folder) => {
    if (folder === null) return "outside"
    return ofFolder(folder) ?? (ofOthers.has(session) ? "pulled" : null) // safety: push-own
  }
}

function reasonNotReady({ place, archive }: SavedExport): KeptReason | null {
  if (place === "pending") return "pending"
  return archive === null ? "unarchived" : null
}

/** null: the folder's sessions may leave. */
function reasonStays(cwd: string, { projects, exclude }: TeamSettings): StayReason | null {
  const places = [...new Set([cwd, realOf(cwd)])]
  const among = (folders: readonly string[]) => {
    const filter = { text: null, folders: folders.flatMap((each) => [each, realOf(each)]) }
    return places.some((place) => isInProject(place, filter))
  }
  if (!among(projects)) return "outside" // safety: push-opted-in
  if (among(exclude)) return "excluded" // safety: push-excluded
  return places.some(hasMarkerAbove) ? "private" : null // safety: push-private
}

function hasMarkerAbove(folder: string): boolean {
  for (let above = folder; ; above = dirname(above)) {
    if (exists(`${above}/${privateMarker}`)) return true
    if (above === dirname(above)) return false
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function rememberByFolder<T>(find: (cwd: string) => T): (cwd: string) => T {
  const known = new Map<string, T>()
  return (cwd) => {
    const found = known.has(cwd) ? (known.get(cwd) as T) : find(cwd)
    known.set(cwd, found)
    return found
  }
}
