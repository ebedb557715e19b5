/** What the exports of a session hold of it as it is now: all of it, less, or something that it has lost. */
import { dirname } from "node:path"
import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { missingIn } from "../../domain/export/manifest.ts"
import { isFullySaved, type SavedMark } from "../../domain/listing/saved-mark.ts"
import type { Session } from "../../domain/session/session.ts"
import type { Context } from "../../sdk/context.ts"

const noCopy: SavedMark = { kind: "none", at: null }

/** The newest copy that holds the whole session, or else the newest copy. Compares file facts, reads no content. */
export function savedMark(session: Session, ctx: Context): SavedMark {
  if (session.footprint.length === 0) return { kind: "empty", at: null }
  const copies = session.id === null ? [] : ctx.savedExports(session.id)
  const [newest] = copies
  if (newest === undefined) return noCopy
  const whole = copies.find((saved) => isOnDisk(saved, ctx) && coversFootprint(saved, session, ctx))
  if (whole === undefined) return { kind: "outdated", at: exportedAt(newest) }
  return { kind: whole.place === "archived" ? "archived" : "saved", at: exportedAt(whole) }
}

/** The archived copy that holds the whole session as it is now; null when there is none. */
export function archivedCopy(session: Session, ctx: Context): SavedExport | null {
  if (session.id === null || session.footprint.length === 0) return null
  const archived = ctx.savedExports(session.id).filter(({ place }) => place === "archived")
  return archived.find((saved) => isOnDisk(saved, ctx) && coversFootprint(saved, session, ctx)) ?? null
}

/** Whether a copy holds the whole session and no file of it was written since. */
export function isSavedUnchanged(session: Session, ctx: Context): boolean {
  return isFullySaved(savedMark(session, ctx))
}

function exportedAt({ manifest }: SavedExport): number | null {
  const at = Date.parse(manifest.exportedAt)
  return Number.isNaN(at) ? null : at
}

function coversFootprint(
  { manifest }: SavedExport,
  { footprint, transcript, rows }: Session,
  ctx: Context,
): boolean {
  if (missingIn(manifest).length > 0) return false
  const files = new Map(manifest.files.map((file) => [file.source, file]))
  const links = new Map(manifest.links.map((link) => [link.source, link.target]))
  return footprint.every(({ kind, path }) => {
    if (kind === "other") return path !== transcript
    if (kind === "link") return links.get(showPath(path)) === targetOf(path, ctx)
    if (rows !== undefined && path === transcript) {
      const held = files.get(showPath(path))?.rows
      return held !== undefined && rows.version !== "" && held.version === rows.version
    }
    const [known, look] = [files.get(showPath(path)), ctx.files.stat(path)]
    if (known === undefined || look === null) return false
    return (
      known.length === look.size &&
      known.inode === String(look.inode) &&
      known.modifiedAt === new Date(look.modifiedAt).toISOString()
    )
  })
}

function targetOf(path: DiskPath, ctx: Context): string | null {
  const target = ctx.files.linkTarget(path)
  return target === null ? null : showPath(target)
}

function isOnDisk({ manifestPath, manifest, archive }: SavedExport, ctx: Context): boolean {
  return (archive?.stored ?? manifest.files).every(
    ({ path, length }) => ctx.files.stat(`${dirname(manifestPath)}/${path}`)?.size === length,
  )
}
