import { RescueError } from "../../domain/errors.ts"
import {
  hasIdPrefix,
  parseIdPrefix,
  parseSessionId,
  type SessionId,
} from "../../domain/session/session-id.ts"
import { commitName, ownerPrefix, sessionPrefix, tombstoneName } from "../../domain/team/layout.ts"
import type { Paths } from "../../system/config/paths.ts"
import { listRemote, remoteSessionKey } from "./listing.ts"
import { appendAudit } from "./marks.ts"
import { objectOf, type Remote } from "./remote.ts"
import { asRescueError, isStoreError } from "./store-errors.ts"
import { leaveTrail } from "./trail.ts"

export interface ForgetReport {
  readonly place: string
  readonly session: SessionId
  readonly dryRun: boolean
  readonly removed: readonly string[]
  /** What is still there, and why: a lock, or a right that is missing. */
  readonly left: readonly { readonly name: string; readonly error: RescueError }[]
  /** No machine pushes it again. */
  readonly tombstone: boolean
  /** Parts that were removed from the team's index; null: there is none, or none was asked. */
  readonly indexed: number | null
}

/**
 * Removes a session from the team's archive: first the tombstone, so that nobody pushes it in the meantime, then each commit,
 * then the rest. Copies on this and other machines stay.
 */
export async function forgetSession(
  remote: Remote,
  typed: string,
  options: { readonly paths: Paths; readonly dryRun: boolean; readonly warn: (message: string) => void },
): Promise<ForgetReport> {
  const { commits, objects } = await listRemote(remote, ownerPrefix(remote.owner))
  const session = chooseSession(typed, remote.owner, [...objects.keys()])
  const all = objects.get(remoteSessionKey(remote.owner, session)) ?? []
  const names = commits.filter((each) => each.session === session).map(commitName)
  const ordered = [...names, ...all.filter((name) => !names.includes(name))]
  const report = { place: remote.place, session, dryRun: options.dryRun, indexed: null }
  if (options.dryRun) return { ...report, removed: ordered, left: [], tombstone: false }
  const at = new Date().toISOString()
  const tombstone = Buffer.from(`${JSON.stringify({ format: "session-rescue-forgotten", session, at })}\n`)
  await remote.put(tombstoneName(remote.owner, session), objectOf(tombstone))
  const removed: string[] = []
  const left: { name: string; error: RescueError }[] = []
  for (const name of ordered) {
    try {
      await remote.remove(name)
      if ((await remote.head(name)) === null) removed.push(name)
      else
        left.push({
          name,
          error: new RescueError("STORE_REFUSED", "it is still there", "see the rules of the store"),
        })
    } catch (thrown) {
      if (isStoreError(thrown) && thrown.code === "STORE_UNAVAILABLE") throw thrown
      left.push({ name, error: asRescueError(thrown) })
    }
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
