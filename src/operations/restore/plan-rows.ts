import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { type Target, targetBelow } from "../../rescue/restore/target.ts"
import { planRows, type RowsOutcome } from "../../rescue/rows/restore-rows.ts"

/** The database that rows go into; null for a file. */
export function databaseTarget(
  { rows }: ManifestFile,
  place: DiskPath,
  root: { readonly path: string; readonly followed: readonly string[] },
): Target | null {
  if (rows === undefined) return null
  const name = showPath(place)
  const end = `#${rows.key}`
  return targetBelow(root.path, name.endsWith(end) ? name.slice(0, -end.length) : name, root.followed)
}

/** Rows are added to the database that they come from, or that has taken its place. */
export function planRowsOutcome(
  saved: SavedExport,
  { file, target }: { readonly file: ManifestFile; readonly target: Target },
  force: boolean,
  ctx: RunContext,
): Promise<RowsOutcome> {
  if (file.rows === undefined) throw new Error(`${file.path} holds no rows`)
  const lines = storedReader(ctx.plugins, "evicted")(saved, file)
  return planRows(showPath(target.path), lines, file.rows, force)
}
