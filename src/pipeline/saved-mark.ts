import { dirname } from "node:path"
import { type DiskPath, showPath } from "../domain/disk-path.ts"
import type { SavedExport } from "../domain/export/export.ts"
import { type ManifestFile, missingIn } from "../domain/export/manifest.ts"
import { isFullySaved, type SavedMark } from "../domain/listing/saved-mark.ts"
import type { Session } from "../domain/session/session.ts"
import type { Evidence } from "../domain/session/state.ts"
import type { RunContext } from "./run-context.ts"

const noCopy: SavedMark = { kind: "none", at: null }

/** The newest copy that holds the whole session, or else the newest copy. Compares file facts, reads no content. */
export function savedMark(session: Session, ctx: RunContext): SavedMark {
  if (session.footprint.length === 0) return { kind: "empty", at: null }
  const copies = session.id === null ? [] : ctx.savedExports(session.id)
  const [newest] = copies
  if (newest === undefined) return noCopy
  const whole = copies.find((saved) => isOnDisk(saved, ctx) && coversFootprint(saved, session, ctx))
  if (whole === undefined) return { kind: "outdated", at: exportedAt(newest) }
  return { kind: whole.place === "archived" ? "archived" : "saved", at: exportedAt(whole) }
}

/** The archived copy that holds the whole session as it is now; null when there is none. */
export function archivedCopy(session: Session, ctx: RunContext): SavedExport | null {
  if (session.id === null || session.footprint.length === 0) return null
  const archived = ctx.savedExports(session.id).filter(({ place }) => place === "archived")
  return archived.find((saved) => isOnDisk(saved, ctx) && coversFootprint(saved, session, ctx)) ?? null
}

/** Whether a copy holds the whole session and no file of it was written since. */
export function isSavedUnchanged(session: Session, ctx: RunContext): boolean {
  return isFullySaved(savedMark(session, ctx))
}

function exportedAt({ manifest }: SavedExport): number | null {
  const at = Date.parse(manifest.exportedAt)
  return Number.isNaN(at) ? null : at
}

function coversFootprint(
  { manifest }: SavedExport,
  { footprint, transcript, rows }: Session,
  ctx: RunContext,
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

function targetOf(path: DiskPath, ctx: RunContext): string | null {
  const target = ctx.files.linkTarget(path)
  return target === null ? null : showPath(target)
}

function isOnDisk({ manifestPath, manifest, archive }: SavedExport, ctx: RunContext): boolean {
  return (archive?.stored ?? manifest.files).every(
    ({ path, length }) => ctx.files.stat(`${dirname(manifestPath)}/${path}`)?.size === length,
  )
}

interface SavedTranscript {
  readonly saved: SavedExport
  readonly file: ManifestFile
}

/** Clients only append to these files: an export that is not their beginning holds something that they have lost. */
export function shrinkEvidence(session: Session, ctx: RunContext): Evidence | null {
  if (session.id === null || session.transcript === null || session.rows !== undefined) return null
  const path = showPath(session.transcript)
  const copies = ctx.savedExports(session.id).flatMap((saved) => {
    const file = saved.manifest.files.find(({ role, source }) => role === "transcript" && source === path)
    // one that is written whole tells nothing
    return file === undefined || file.store !== undefined ? [] : [{ saved, file }]
  })
  const [longest] = copies.toSorted((a, b) => b.file.length - a.file.length)
  if (longest === undefined) return null
  const why = whyShrunk(session, longest, ctx)
  if (why === null || isRepaired(path, session.transcriptSize, session.id, ctx)) return null
  return { signal: "exports", message: why }
}

function whyShrunk(session: Session, { saved, file }: SavedTranscript, ctx: RunContext): string | null {
  const { transcriptSize: size, transcript } = session
  if (transcript === null) return null
  const held = `${saved.path} holds ${file.length} bytes of it, saved ${saved.manifest.exportedAt}`
  if (file.length > size) return `the transcript has ${size} bytes now: ${held}`
  const isUntouched = file.length === size && Date.parse(file.modifiedAt) === session.modifiedAt
  const isRaw = saved.archive === null
  if (isUntouched || !isRaw || beginsAs(showPath(transcript), saved.path, file.length, ctx)) return null
  return `the transcript was rewritten, and no longer begins as it did: ${held}`
}

const sampleBytes = 4096

/** Compares the first and the last bytes of that length; a rewritten transcript differs in both. */
function beginsAs(path: string, copy: string, length: number, { files }: RunContext): boolean {
  return [0, Math.max(0, length - sampleBytes)].every((at) => {
    const count = Math.min(sampleBytes, length - at)
    const [here, there] = [files.quiet.read(path, at, count), files.quiet.read(copy, at, count)]
    // what cannot be read proves nothing
    return here === null || there === null || there.length < count || Buffer.compare(here, there) === 0
  })
}

/** Whether it is what a repair or a recovery made, put back, and what was written since then. */
function isRepaired(path: string, size: number, id: string, ctx: RunContext): boolean {
  return ["repaired", "recovered"].some((name) => {
    const folder = `${ctx.paths.data}/${name}`
    return ctx.files.quiet.names(folder).some((each) => {
      if (typeof each !== "string" || !each.includes(id) || !each.endsWith(".jsonl")) return false
      const made = ctx.files.quiet.stat(`${folder}/${each}`)
      return made?.kind === "file" && made.size <= size && beginsAs(path, `${folder}/${each}`, made.size, ctx)
    })
  })
}
