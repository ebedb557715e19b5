import { type DiskPath, pathKey, showPath } from "../domain/disk-path.ts"
import type { RescueError } from "../domain/errors.ts"
import type { Unread } from "../domain/export/export.ts"
import type { Session } from "../domain/session/session.ts"
import { sessionIdIn } from "../domain/session/session-id.ts"
import { describeSourceError, isTooManyOpenFiles } from "../rescue/io/source-errors.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import { systemFiles } from "../system/fs/files.ts"
import { toReadError } from "../system/fs/io-errors.ts"
import { examine } from "./detect.ts"
import { freshLook } from "./fresh-look.ts"
import { builtInDetectPlugins } from "./plugin-registry.ts"
import type { RunContext } from "./run-context.ts"

export interface WholeSession {
  readonly session: Session
  /** What may be of it, and could not be looked into. */
  readonly unread: readonly Unread[]
  /** The first of them. */
  readonly trouble: RescueError | null
}

interface ReadProblem {
  readonly path: DiskPath
  readonly error: RescueError
}

/**
 * Looks again, because a footprint may have grown while the others were saved. What of it cannot be listed would
 * otherwise be missing from an export that calls itself whole. A folder that many sessions share is read once a run: what
 * is wrong with it holds for all that may have files there.
 */
export function createWholeExaminer(ctx: RunContext): (session: ClassifiedSession) => Promise<WholeSession> {
  const troubles = new Map<string, ReadProblem>()
  const files = systemFiles((path, error) => {
    troubles.set(pathKey(path), { path, error: toReadError(error, path) })
  })
  const looking = { ...freshLook(ctx), files }
  return async (found) => {
    const own = await examine(found, looking)
    const plugin = builtInDetectPlugins().find(({ agent }) => agent === own.agent)
    const more = (await plugin?.referencedFiles?.(own, looking)) ?? []
    const session = more.length === 0 ? own : { ...own, footprint: [...own.footprint, ...more] }
    const ours = [...troubles.values()].find(({ error }) => isTooManyOpenFiles(error))
    if (ours !== undefined) throw ours.error
    const about = troubles.size === 0 ? [] : problemsOf(session, troubles)
    const unread = about.map(({ path, error }) => {
      return {
        source: path,
        relative: relativeTo(session.home, path) ?? path,
        why: describeSourceError(error, path),
      }
    })
    return { session, unread, trouble: about[0]?.error ?? null } // safety: whole-or-incomplete
  }
}

/** Files that are listed: copying them will say what is wrong with each. Files of no session say nothing. */
function problemsOf(session: Session, troubles: ReadonlyMap<string, ReadProblem>): readonly ReadProblem[] {
  const { id, home, agent, footprint } = session
  const listed = new Set(footprint.map(({ path }) => pathKey(path)))
  const ownsPath = builtInDetectPlugins().find((plugin) => plugin.agent === agent)?.ownsPath
  return [...troubles.values()].filter(({ path }) => {
    if (listed.has(pathKey(path))) return false
    const place = relativeTo(home, path)
    if (ownsPath === undefined || id === null || place === null) return true
    const owner = sessionIdIn(showPath(place))
    return (owner === null || owner === id) && (isFolder(path) || ownsPath(showPath(place), id))
  })
}

/** One that cannot be looked at may be a folder. */
function isFolder(path: DiskPath): boolean {
  return (systemFiles(() => {}).stat(path)?.kind ?? "folder") === "folder"
}

function relativeTo(home: string, path: DiskPath): DiskPath | null {
  const prefix = Buffer.from(`${home}/`)
  if (typeof path === "string") return path.startsWith(`${home}/`) ? path.slice(home.length + 1) : null
  return Buffer.from(path).subarray(0, prefix.length).equals(prefix) ? path.subarray(prefix.length) : null
}
