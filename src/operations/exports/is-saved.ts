import { dirname } from "node:path"
import { showPath } from "../../domain/disk-path.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { missingIn } from "../../domain/export/manifest.ts"
import type { Session } from "../../domain/session/session.ts"
import type { RunContext } from "../../pipeline/run-context.ts"

/** Whether an export holds the whole session and no file of it was written since. Compares file facts, reads nothing. */
export function isSavedUnchanged(session: Session, ctx: RunContext): boolean {
  if (session.id === null || session.footprint.length === 0) return false
  return ctx
    .savedExports(session.id)
    .some((saved) => isOnDisk(saved, ctx) && coversFootprint(saved, session, ctx))
}

function coversFootprint({ manifest }: SavedExport, { footprint }: Session, ctx: RunContext): boolean {
  if (missingIn(manifest).length > 0) return false
  const files = new Map(manifest.files.map((file) => [file.source, file]))
  return footprint.every(({ kind, path }) => {
    if (kind !== "file") return true
    const [known, look] = [files.get(showPath(path)), ctx.files.stat(path)]
    if (known === undefined || look === null) return false
    return (
      known.length === look.size &&
      known.inode === String(look.inode) &&
      known.modifiedAt === new Date(look.modifiedAt).toISOString()
    )
  })
}

function isOnDisk({ manifestPath, manifest, archive }: SavedExport, ctx: RunContext): boolean {
  return (archive?.stored ?? manifest.files).every(
    ({ path, length }) => ctx.files.stat(`${dirname(manifestPath)}/${path}`)?.size === length,
  )
}
