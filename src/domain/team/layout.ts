/** A team's archive: the names of its objects, and the document that commits an export to it. */
import { parseExportName } from "../export/export.ts"
import { parseSessionId, type SessionId } from "../session/session-id.ts"

/** `v1/u/<owner>/<session>/<export name>/…`: names carry ids only, no title and no path. */
const owners = "v1/u/"
const commitFile = "archive.json"
const tombstoneFile = "forgotten.json"

const ownerForm = /^[a-z0-9][a-z0-9._-]{0,62}$/

/** Small letters, digits, `.`, `_` and `-`: it is a part of object names everywhere. */
export function isOwner(text: string): boolean {
  return ownerForm.test(text) && !text.includes("..")
}

/** `null`: all owners. */
export function ownerPrefix(owner: string | null): string {
  return owner === null ? owners : `${owners}${owner}/`
}

export function sessionPrefix(owner: string, session: string): string {
  return `${ownerPrefix(owner)}${session}/`
}

export function exportPrefix({ owner, session, name }: RemoteName): string {
  return `${sessionPrefix(owner, session)}${name}/`
}

/** Its existence means that every other object of the export is there: it is created last. */
export function commitName(remote: RemoteName): string {
  return exportPrefix(remote) + commitFile
}

/** Its existence means that the session is not to be pushed again. */
export function tombstoneName(owner: string, session: string): string {
  return sessionPrefix(owner, session) + tombstoneFile
}

export function auditName(owner: string, at: Date, random: string): string {
  return `v1/audit/${owner}/${at.toISOString().replaceAll(":", "-")}-${random}.json`
}

/** An export in a team's archive. */
export interface RemoteName {
  readonly owner: string
  readonly session: SessionId
  readonly name: string
}

/** What an object is, from its name; null for any other object. */
export function parseObjectName(
  text: string,
):
  | { readonly kind: "commit" | "part"; readonly remote: RemoteName }
  | { readonly kind: "tombstone"; readonly owner: string; readonly session: SessionId }
  | null {
  if (!text.startsWith(owners)) return null
  const [owner = "", id = "", name = "", ...rest] = text.slice(owners.length).split("/")
  const session = parseSessionId(id)
  if (!isOwner(owner) || session === null) return null
  if (name === tombstoneFile && rest.length === 0) return { kind: "tombstone", owner, session }
  if (parseExportName(name)?.id !== id || rest.length === 0) return null
  const kind = rest.length === 1 && rest[0] === commitFile ? "commit" : "part"
  return { kind, remote: { owner, session, name } }
}
