import type { Paths } from "../../system/config/paths.ts"
import type { Candidate } from "./candidates.ts"
import { appendAudit, forgottenSessions, writeMark } from "./marks.ts"
import type { Remote } from "./remote.ts"

interface Noting {
  readonly paths: Paths
  readonly recordSha256: string
  readonly warn: (message: string) => void
}

/** That an export was pushed from here. It is there: what cannot be noted is a warning. */
export async function notePushed(remote: Remote, candidate: Candidate, noting: Noting): Promise<void> {
  const { place, owner, settings } = remote
  await markPushed(remote, candidate, noting)
  await appendAudit(noting.paths, {
    ...{ at: new Date().toISOString(), act: "push", place, owner },
    ...{ session: candidate.session, export: candidate.name, encrypted: settings.recipients.length > 0 },
  }).catch((error) => noting.warn(`the audit trail could not be written: ${error.message}`))
}

/** That sessions have a tombstone there: once for each. */
export async function noteForgotten(
  { owner, place }: Remote,
  exports: readonly { readonly candidate: Candidate; readonly status: string }[],
  { paths, warn }: Pick<Noting, "paths" | "warn">,
): Promise<void> {
  const sessions = exports.flatMap(({ candidate, status }) =>
    status === "forgotten" ? [candidate.session] : [],
  )
  if (sessions.length === 0) return
  const known = forgottenSessions(paths, { owner, place })
  for (const session of new Set(sessions))
    if (!known.has(session))
      await appendAudit(paths, {
        at: new Date().toISOString(),
        act: "forgotten",
        place,
        owner,
        session,
      }).catch((error) => warn(`the audit trail could not be written: ${error.message}`))
}

/** That the store has an export. */
export async function markPushed(
  remote: Remote,
  { name }: Candidate,
  { paths, recordSha256, warn }: Noting,
): Promise<void> {
  const mark = { name, recordSha256, pushedAt: new Date().toISOString() }
  await writeMark(paths, remote.key, mark).catch((error) =>
    warn(`what was pushed could not be noted: ${error.message}`),
  )
}
