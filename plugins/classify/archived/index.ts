/** Classifies sessions whose current bytes are all in the archive. */
import {
  type Context,
  type DiskPath,
  definePlugin,
  type SavedExport,
  type Session,
  showPath,
} from "session-rescue"

export default definePlugin({
  name: "archived",
  stage: "classify",
  async classify(session, ctx) {
    if (session.process !== null || session.id === null) return null
    const archived = ctx
      .savedExports(session.id)
      .find((saved) => saved.place === "archived" && isWhole(session, saved, ctx) && isStored(saved, ctx))
    if (archived === undefined) return null
    const evidence = [
      { signal: "process", message: "no process holds it" },
      {
        signal: "archive",
        message: `every file has the same size and time as when ${archived.path} was made`,
      },
    ]
    return { state: "COMPLETED", detail: "archived", evidence, flags: [] }
  },
})

/** Every file of the footprint is in the export with the same size, time and inode; links by target. */
function isWhole(session: Session, saved: SavedExport, ctx: Context): boolean {
  const files = new Map(saved.manifest.files.map((file) => [file.relative, file]))
  const links = new Map(saved.manifest.links.map((link) => [link.relative, link.target]))
  return session.footprint.every((file) => {
    if (file.kind === "link") return links.get(showPath(file.relative)) === targetOf(file.path, ctx)
    if (file.kind === "other") return file.path !== session.transcript
    const known = files.get(showPath(file.relative))
    const look = ctx.files.stat(file.path)
    return (
      known !== undefined &&
      look !== null &&
      known.length === look.size &&
      known.modifiedAt === new Date(look.modifiedAt).toISOString() &&
      known.inode === String(look.inode)
    )
  })
}

function targetOf(path: DiskPath, ctx: Context): string | null {
  const target = ctx.files.linkTarget(path)
  return target === null ? null : showPath(target)
}

/**
 * Checks sizes only; contents are checked by `verify`. An archive with missing or truncated files does not
 * count.
 */
function isStored({ manifestPath, manifest, archive }: SavedExport, ctx: Context): boolean {
  const folder = manifestPath.slice(0, manifestPath.lastIndexOf("/"))
  return (archive?.stored ?? manifest.files).every(({ path, length }) => {
    const look = ctx.files.stat(`${folder}/${path}`)
    return look?.kind === "file" && look.size === length
  })
}
