import { parentPath, samePath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { Manifest, ManifestFile } from "../../domain/export/manifest.ts"
import { shellQuote } from "../../domain/shell-quote.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Placement } from "../../rescue/restore/restore.ts"
import type { DetectPlugin } from "../../sdk/contracts.ts"
import type { RestoredFile } from "./report.ts"
import type { RestoreRoot } from "./root.ts"

interface Planned extends Placement {
  readonly outcome: RestoredFile["outcome"]
}

/** Why a file stays in the export: its client accepts one file of a session, and that is the main one. */
export function reasonNotSole(
  file: ManifestFile,
  { files }: Manifest,
  plugin: DetectPlugin | null,
): string | null {
  const key = plugin?.soleFile?.(file.relative) ?? null
  if (key === null) return null
  const main = files.find(({ role }) => role === "transcript") ?? file
  if (main === file || plugin?.soleFile?.(main.relative) !== key) return null // safety: restore-one-file
  return "its client deletes one of two files of a session: the larger one is put back, this one stays in the export"
}

/** Throws REFUSED while another file of the session stands where its client would find both. */
export function assertSole(files: readonly Planned[], root: RestoreRoot, ctx: RunContext): void {
  for (const { file, target, outcome } of files) {
    const key = root.plugin?.soleFile?.(file.relative) ?? null
    if (key === null || (outcome !== "restored" && outcome !== "replaced")) continue
    const folder = parentPath(target.path)
    const place = showPath(parentPath(file.relative))
    for (const name of ctx.files.names(folder)) {
      if (typeof name !== "string" || root.plugin?.soleFile?.(`${place}/${name}`) !== key) continue
      const other = `${showPath(folder)}/${name}`
      if (samePath(other, target.path)) continue
      // safety: restore-sole
      throw new RescueError(
        "REFUSED",
        `${other} is a file of the same session, and its client deletes one of two: nothing was written`,
        `session-rescue export ${root.id}; then move it away: mv ${shellQuote(other)} ${shellQuote(`${other}.aside`)}; and run it again`,
      )
    }
  }
}
