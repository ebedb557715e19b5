import { RescueError } from "../../domain/errors.ts"
import {
  hasIdPrefix,
  parseIdPrefix,
  parseSessionId,
  type SessionId,
} from "../../domain/session/session-id.ts"
import { ownerPrefix, sessionPrefix, tombstoneName } from "../../domain/team/layout.ts"
import type { Paths } from "../../system/config/paths.ts"
import { listRemote, objectsOf } from "./listing.ts"
import { appendAudit } from "./marks.ts"
import { objectOf, type Remote } from "./remote.ts"
import { type RefusedRemoval, removeObjects } from "./remove.ts"
import { damagedRemote } from "./store-errors.ts"
import { leaveTrail } from "./trail.ts"

export interface ForgetReport {
  readonly place: string
  readonly session: SessionId
  readonly dryRun: boolean
  readonly removed: readonly string[]
  /** What is still there, and why: a lock, or a right that is missing. */
  readonly left: readonly RefusedRemoval[]
  /** No machine pushes it again. */
  readonly tombstone: boolean
  /** Parts that were removed from the team's index; null: there is none, or none was asked. */
  readonly indexed: number | null
}

/**
 * Removes a session from the team's archive. The tombstone is there before the list is read: a push that sends something
 * after that finds it when it is done, and removes what it sent. Then each commit, then the rest. Copies on this and other
 * machines stay.
 */
export async function forgetSession(
  remote: Remote,
  typed: string,
  options: { readonly paths: Paths; readonly dryRun: boolean; readonly warn: (message: string) => void },
): Promise<ForgetReport> {
  const before = await listRemote(remote, ownerPrefix(remote.owner))
  const session = chooseSession(typed, remote.owner, [...before.objects.keys()])
  const report = { place: remote.place, session, dryRun: options.dryRun, indexed: null }
  if (options.dryRun)
    return { ...report, removed: objectsOf(before, remote.owner, session), left: [], tombstone: false }
  const at = new Date().toISOString()
  const tombstone = objectOf(
    Buffer.from(`${JSON.stringify({ format: "session-rescue-forgotten", session, at })}\n`),
  )
  await remote.put(tombstoneName(remote.owner, session), tombstone)
  if ((await remote.head(tombstoneName(remote.owner, session))) === null)
    throw damagedRemote("the tombstone was sent, and is not there: nothing was removed")
  const removed: string[] = []
  const left: RefusedRemoval[] = []
  // until a list has nothing new: a push may have been under way
  for (const seen = new Set<string>(); ; ) {
    const found = await listRemote(remote, sessionPrefix(remote.owner, session)) // safety: forget-lists-after
    const fresh = objectsOf(found, remote.owner, session).filter((name) => !seen.has(name))
    if (fresh.length === 0) break
    for (const name of fresh) seen.add(name)
    const result = await removeObjects(remote, fresh)
    removed.push(...result.removed)
    left.push(...result.left)
  }
  await appendAudit(options.paths, {
    at,
    act: "forget",
    place: remote.place,
    owner: remote.owner,
    session,
    removed: removed.length,
    left: left.length,
  }).catch((error) => options.warn(`the audit trail could not be written: ${error.message}`))
  await leaveTrail(remote, { act: "forget", exports: [sessionPrefix(remote.owner, session)] }, options.warn)
  return { ...report, removed, left, tombstone: true }
}

/** A whole id may be one that was never pushed: it then never will be. */
function chooseSession(typed: string, owner: string, keys: readonly string[]): SessionId {
  const known = keys.flatMap((key) => parseSessionId(key.slice(owner.length + 1)) ?? [])
  const prefix = parseIdPrefix(typed)
  const found = prefix === null ? [] : known.filter((id) => hasIdPrefix(id, prefix))
  const [only, ...more] = found
  if (more.length > 0)
    throw new RescueError(
      "AMBIGUOUS",
      `"${typed}" matches ${found.length} sessions:\n${found.join("\n")}`,
      "give more digits",
    )
  const whole = only ?? parseSessionId(typed)
  if (whole === null)
    throw new RescueError(
      "EXPORT_NOT_FOUND",
      `the team's archive has no session "${typed}" of yours`,
      "see what there is: session-rescue verify --remote",
    )
  return whole
}
