import { showPath } from "../../domain/disk-path.ts"
import { interrupted as interruptedError, RescueError } from "../../domain/errors.ts"
import type { ExportResult } from "../../domain/export/export.ts"
import type { ProgressReporter } from "../../domain/progress.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { tryClassify } from "../../pipeline/classify.ts"
import { exportAll } from "../../pipeline/export-sessions.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { provenFiles } from "../../rescue/receipt.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { PlannedFile } from "./plan.ts"

/**
 * Exports what stands where a restore puts other files, verified. Throws, and nothing may be replaced, unless each of
 * those very files is in one of the exports as it was looked at.
 */
export async function saveReplaced(
  sessions: readonly FoundSession[],
  replaced: readonly PlannedFile[],
  ctx: RunContext,
  options: { readonly paths: Paths; readonly version: string; readonly reporter: ProgressReporter },
): Promise<readonly ExportResult[]> {
  const { paths, version, reporter } = options
  const looking = freshContext(ctx)
  const classified = await Promise.all(sessions.map((found) => tryClassify(found, looking)))
  const label = "saving the files to be replaced"
  const exporting = { paths, version, md5: false, unchanged: "read", reporter, label } as const
  const { exports, failures, interrupted } = await exportAll(classified, looking, exporting)
  if (interrupted) throw interruptedError("nothing was restored")
  if (failures[0] !== undefined) throw failures[0].error
  const results = exports.map(({ result }) => result)
  const proven = results.flatMap(provenFiles)
  for (const { target } of replaced) {
    const { present } = target
    const saved = proven.some(
      ({ device, inode, length, changedAt }) =>
        present?.dev === device &&
        present.ino === inode &&
        present.size === BigInt(length) &&
        present.ctimeNs === changedAt,
    )
    if (saved) continue
    throw new RescueError(
      "REFUSED",
      `${showPath(target.path)} could not be saved first: nothing was written`,
      "move it away, then run it again",
    )
  }
  return results
}
