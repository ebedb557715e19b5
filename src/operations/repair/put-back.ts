import { RescueError } from "../../domain/errors.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { RestoreOptions } from "../restore/prepare.ts"
import type { RestoreReport } from "../restore/report.ts"
import { restoreExport } from "../restore/restore.ts"
import { type RepairReport, repairTranscript } from "./repair.ts"
import type { Subject } from "./subject.ts"

export interface PutBack {
  readonly repair: RepairReport
  /** null for a dry run. */
  readonly restore: RestoreReport | null
}

/**
 * Repairs a transcript and puts the copy where its client finds it. What is there is saved first; a copy that is not
 * proven to hold every readable record is not put anywhere.
 */
export async function restoreRepaired(
  subject: Subject,
  ctx: RunContext,
  options: RestoreOptions & { readonly repaired: string; readonly at: Date },
): Promise<PutBack> {
  const { dryRun, version, repaired, at } = options
  const repair = await repairTranscript(subject, { folder: repaired, version, dryRun, at })
  const name = shortId(subject.id)
  if (!repair.before.isNeeded)
    throw new RescueError(
      "REFUSED",
      `${subject.path} needs no repair: nothing was written`,
      `restore it as it was saved: session-rescue restore ${name}`,
    )
  const { copy } = repair
  if (copy === null) return { repair, restore: null }
  if (!copy.proof.holds)
    throw new RescueError(
      "REFUSED",
      `the repaired copy is not proven to hold all that can be read: nothing was replaced; it is kept as ${copy.saved.path}`,
      `see what is missing: session-rescue repair ${name}`,
    )
  // safety: repaired-reach
  if (copy.reach.before < repair.before.reach.before)
    throw new RescueError(
      "REFUSED",
      `its client would get to ${copy.reach.before} messages of the repaired copy, and gets to ${repair.before.reach.before} now: nothing was replaced`,
      `the copy holds every record that can be read, and is kept: ${copy.saved.path}`,
    )
  const restore = await restoreExport(copy.saved, ctx, { ...options, force: true })
  return { repair, restore }
}
