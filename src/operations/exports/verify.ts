import { lstatSync } from "node:fs"
import { dirname } from "node:path"
import { isRescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import type { VerifiedState } from "../../domain/export/verified-state.ts"
import { type Progress, type ProgressReporter, reportTo } from "../../domain/progress.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { type CatalogEntry, readCatalog } from "../../rescue/catalog/catalog.ts"
import { readRegularFile } from "../../rescue/catalog/export-files.ts"
import { pathsAround } from "../../rescue/catalog/folders.ts"
import { readArchived, readManifest } from "../../rescue/catalog/saved-exports.ts"
import { findMovedTranscript } from "../../rescue/export/moved-transcript.ts"
import { parseStagingName } from "../../rescue/export/staging.ts"
import { digestStream, evictFile } from "../../rescue/io/digest.ts"
import { hasOwnerExited } from "../../rescue/io/owner-tag.ts"
import { type CheckResult, checkExport, type Problem, worstOf } from "../../rescue/verify/check-export.ts"
import type { Paths } from "../../system/config/paths.ts"
import { systemFiles } from "../../system/fs/files.ts"

/** What a re-reading showed of one entry. */
export interface VerifiedEntry {
  readonly entry: CatalogEntry
  readonly state: VerifiedState
  readonly problems: readonly Problem[]
  readonly bytes: number
  readonly files: number
  readonly sums: CheckResult["sums"]
}

export interface VerifyReport {
  readonly verified: readonly VerifiedEntry[]
  readonly interrupted: boolean
}

export interface VerifyOptions {
  readonly md5: boolean
  readonly readStored: ReadStored
  readonly reporter: ProgressReporter
  readonly signal: AbortSignal
}

interface Reading {
  readonly md5: boolean
  readonly readStored: ReadStored
  readonly progress: Progress
}

/** Reads exports again, one after the other, and compares them with their manifests. Changes nothing. */
export async function verifyExports(
  entries: readonly CatalogEntry[],
  paths: Paths,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const { md5, readStored, reporter, signal } = options
  const progress = reportTo(reporter, signal)
  const verified: VerifiedEntry[] = []
  for (const entry of entries) {
    if (signal.aborted) return { verified, interrupted: true }
    const bytes = entry.kind === "export" ? totalBytes(entry.saved.manifest) : 0
    const title = entry.kind === "export" ? entry.saved.manifest.session.title : null
    reporter.begin(shortId(entry.id) ?? entry.name, bytes, title)
    try {
      const found = await verifyOne(entry, paths, { md5, readStored, progress })
      if (found !== null) verified.push(found)
    } catch (error) {
      if (isRescueError(error) && error.code === "INTERRUPTED") return { verified, interrupted: true }
      throw error
    } finally {
      reporter.end()
    }
  }
  return { verified, interrupted: false }
}

/** null when it was archived or pruned in the meantime. */
async function verifyOne(entry: CatalogEntry, paths: Paths, reading: Reading): Promise<VerifiedEntry | null> {
  const nothing = { entry, problems: [], bytes: 0, files: 0, sums: [] }
  if (entry.kind === "foreign") {
    const look = lstatSync(entry.path, { throwIfNoEntry: false })
    return { ...nothing, state: "foreign", ...(look?.isFile() ? { bytes: look.size, files: 1 } : {}) }
  }
  if (entry.kind === "broken") return verifyBroken(entry, pathsAround(paths, entry.path), reading)
  const checked = await checkExport(entry.saved, reading.readStored, reading.md5, reading.progress)
  const state = worstOf(checked.problems) ?? "whole"
  if (state === "whole" || lstatSync(entry.path, { throwIfNoEntry: false }) !== undefined)
    return { entry, state, ...checked }
  const now = findEntryAgain(entry, entry.saved, paths)
  if (now?.kind === "broken") return verifyBroken(now, pathsAround(paths, now.path), reading)
  return now === undefined ? null : { entry, state, ...checked } // safety: verify-missing
}

/** Another run may have taken it away, or into the archive, while it was read. */
function findEntryAgain({ name, place }: CatalogEntry, { manifestPath }: SavedExport, paths: Paths) {
  const folder = dirname(manifestPath)
  const { pending, archive } = pathsAround(paths, manifestPath)
  const ours = folder === pending || folder === archive
  const now = ours ? readCatalog(pending, archive) : readCatalog(folder, folder)
  return now.find((each) => each.name === name && each.place === place)
}

async function verifyBroken(
  entry: CatalogEntry & { readonly kind: "broken" },
  paths: Paths,
  reading: Reading,
): Promise<VerifiedEntry | null> {
  const nothing = { entry, bytes: 0, files: 0, sums: [] }
  if (entry.lacking === "end") return { ...nothing, state: "unfinished", problems: [] }
  if (entry.lacking === "transcript") {
    // archived, and the run that did it was cut off: the next one takes what is left here away
    const archived = entry.place === "pending" && readArchived(paths.archive, entry.name)?.archive != null
    if (archived || (await isBeingMade(entry, paths)))
      return { ...nothing, state: "unfinished", problems: [] }
    const moved = await verifyMoved(entry, paths, reading)
    if (moved !== null) return moved
  }
  if (lstatSync(entry.path, { throwIfNoEntry: false }) === undefined) return null
  const kind = ({ transcript: "missing", manifest: "damaged", permission: "unreadable" } as const)[
    entry.lacking
  ]
  const problems: Problem[] = [{ path: entry.path, kind, message: entry.why }]
  return { ...nothing, state: worstOf(problems) ?? "damaged", problems }
}

/** CODITECT's own /cx moves what it has read: the `.jsonl` alone, to the archive folder. Known by its checksum. */
async function verifyMoved(
  entry: CatalogEntry,
  { pending, archive }: Paths,
  { md5, readStored, progress }: Reading,
): Promise<VerifiedEntry | null> {
  const manifest = entry.place === "pending" ? readManifest(entry.path) : null
  const transcript = manifest?.files.find(({ role }) => role === "transcript")
  const taken = transcript === undefined ? null : await findMovedTranscript(archive, transcript, progress)
  if (manifest === null || transcript === undefined || taken === null) return null
  await evictFile(taken)
  const there = await digestStream(readRegularFile(taken), transcript.length, md5, progress)
  if (there.sha256 !== transcript.sha256) return null
  const files = manifest.files.filter((file) => file !== transcript)
  const [path, manifestPath] = [`${pending}/${entry.name}.jsonl`, entry.path]
  const rest: SavedExport = {
    place: "pending",
    name: entry.name,
    path,
    manifestPath,
    manifest: { ...manifest, files },
    archive: null,
  }
  const { problems, sums } = await checkExport(rest, readStored, md5, progress)
  const left = problems.filter((problem) => problem.path !== path) // that it is gone is the point
  return {
    entry,
    state: worstOf(left) ?? "moved",
    problems: left,
    bytes: totalBytes(manifest),
    files: manifest.files.length,
    sums: [{ path: transcript.path, sha256: there.sha256, md5: there.md5 }, ...sums],
  }
}

/** Between its manifest and its `.jsonl` an export is neither there nor damaged. */
async function isBeingMade({ id }: CatalogEntry, { pending }: Paths): Promise<boolean> {
  for (const name of systemFiles(() => {}).names(pending)) {
    const staging = typeof name === "string" ? parseStagingName(name) : null
    if (staging !== null && staging.id === id && !(await hasOwnerExited(staging.owner))) return true
  }
  return false
}
