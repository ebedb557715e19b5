import { type DiskPath, pathKey, showPath } from "../domain/disk-path.ts"
import type { RescueError } from "../domain/errors.ts"
import type { Unread } from "../domain/export/export.ts"
import type { Session } from "../domain/session/session.ts"
import { uuidIn } from "../domain/session/session-id.ts"
import { describeSourceError, isTooManyOpenFiles } from "../rescue/io/source-errors.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import { systemFiles } from "../system/fs/files.ts"
import { toReadError } from "../system/fs/io-errors.ts"
import { examine } from "./detect.ts"
import { freshContext } from "./fresh-context.ts"
import { builtInDetectPlugins } from "./plugin-registry.ts"
import type { RunContext } from "./run-context.ts"

export interface WholeSession {
  readonly session: Session
  /** Paths that may belong to the session and could not be read. */
  readonly unread: readonly Unread[]
  /** The error of the first unread path. */
  readonly trouble: RescueError | null
}

interface ReadProblem {
  readonly path: DiskPath
  readonly error: RescueError
}

/**
 * Examines the session again, because its footprint may have grown while other sessions were saved. Paths
 * that cannot be listed would otherwise be missing from an export that is reported as complete. A folder
 * shared by many sessions is read once per run; an error there applies to every session that may have files
 * in it.
 */
export function createWholeExaminer(ctx: RunContext): (session: ClassifiedSession) => Promise<WholeSession> {
  const troubles = new Map<string, ReadProblem>()
  const files = systemFiles((path, error) => {
    troubles.set(pathKey(path), { path, error: toReadError(error, path) })
  })
  const looking = { ...freshContext(ctx), files }
  return async (found) => {
    const own = await examine(found, looking)
    const plugin = builtInDetectPlugins().find(({ agent }) => agent === own.agent)
    const more = (await plugin?.referencedFiles?.(own, looking)) ?? []
    const session = more.length === 0 ? own : { ...own, footprint: [...own.footprint, ...more] }
    const ours = [...troubles.values()].find(({ error }) => isTooManyOpenFiles(error))
    if (ours !== undefined) throw ours.error
    const about = troubles.size === 0 ? [] : problemsOf(session, troubles)
    const unread = [...about.map((each) => unreadOf(session, each)), ...(session.lost ?? [])]
    return { session, unread, trouble: about[0]?.error ?? null } // safety: whole-or-incomplete
  }
}

function unreadOf({ home }: Session, { path, error }: ReadProblem): Unread {
  return { source: path, relative: relativeTo(home, path) ?? path, why: describeSourceError(error, path) }
}

/** Listed files are skipped: copying them reports the error. Files of other sessions are not reported. */
function problemsOf(session: Session, troubles: ReadonlyMap<string, ReadProblem>): readonly ReadProblem[] {
  const { id, home, agent, footprint } = session
  const listed = new Set(footprint.map(({ path }) => pathKey(path)))
  const ownsPath = builtInDetectPlugins().find((plugin) => plugin.agent === agent)?.ownsPath
  return [...troubles.values()].filter(({ path }) => {
    if (listed.has(pathKey(path))) return false
    const place = relativeTo(home, path)
    if (ownsPath === undefined || id === null || place === null) return true
    const owner = showPath(place).split("/").find(isNamedAfterSession)
    return (owner === undefined || owner.startsWith(id)) && (isFolder(path) || ownsPath(showPath(place), id))
  })
}

/** `<id>`, `<id>.json`, `session_<id>`; not a project's folder that has a UUID in its name. */
function isNamedAfterSession(name: string): boolean {
  const id = uuidIn(name)
  return id !== null && /^(?:[A-Za-z0-9]+_)?$/.test(name.slice(0, name.indexOf(id)))
}

/** A path that cannot be stat'ed may be a folder. */
function isFolder(path: DiskPath): boolean {
  return (systemFiles(() => {}).stat(path)?.kind ?? "folder") === "folder"
}

function relativeTo(home: string, path: DiskPath): DiskPath | null {
  const prefix = Buffer.from(`${home}/`)
  if (typeof path === "string") return path.startsWith(`${home}/`) ? path.slice(home.length + 1) : null
  return Buffer.from(path).subarray(0, prefix.length).equals(prefix) ? path.subarray(prefix.length) : null
}
