import { randomBytes } from "node:crypto"
import { auditName } from "../../domain/team/layout.ts"
import { objectOf, type Remote } from "./remote.ts"

/** An entry of the audit trail in the store. What it tells of has happened: a failure here is a warning. */
export async function leaveTrail(
  remote: Remote,
  entry: { readonly act: string; readonly exports: readonly string[] },
  warn: (message: string) => void,
): Promise<void> {
  const at = new Date()
  const bytes = Buffer.from(`${JSON.stringify({ at: at.toISOString(), owner: remote.owner, ...entry })}\n`)
  const name = auditName(remote.owner, at, randomBytes(4).toString("hex"))
  await remote
    .put(name, objectOf(bytes))
    .catch((error) => warn(`the audit trail in the store could not be written: ${error.message}`))
}
