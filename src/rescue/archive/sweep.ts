import { lstatSync, readdirSync, readFileSync } from "node:fs"
import { isRescueError } from "../../domain/errors.ts"
import type { ReadStored } from "../../domain/export/export.ts"
import { parseExportName, type SavedExport } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import { discard, flushFolder, isSameFile, moveFolder, removeFile } from "../../system/fs/durable.ts"
import { exists } from "../../system/fs/files.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"
import { reasonNotBelow } from "../catalog/export-files.ts"
import { readArchived, readManifestNames, readPending } from "../catalog/saved-exports.ts"
import { parseStagingName, type Staging, stagingFolder, stagingPaths } from "../export/staging.ts"
import { lockExport } from "../io/lock.ts"
import { hasOwnerExited } from "../io/owner-tag.ts"
import { closeSource, openSource } from "../io/source-file.ts"
import { verifyDecoded } from "../verify/verify-archived.ts"
import { findRawDamage, openRawExport, removeCompanionFiles } from "./remove-raw.ts"

export interface SweepOptions {
  readonly pending: string
  readonly archive: string
  readonly progress: Progress
  readonly warn: (message: string) => void
  readonly readStored: ReadStored
}

/**
 * Cleans up after runs that died: unfinished archives (removed if their export is still complete, kept otherwise),
 * and archived exports whose removal from the pending folder was interrupted.
 */
export async function sweepArchive(options: SweepOptions): Promise<void> {
  const { pending, archive } = options
  for (const each of listDirOrEmpty(archive)) {
    const parsed = parseStagingName(each)
    if (parsed === null || !(await hasOwnerExited(parsed.owner))) continue // safety: sweep-archive-dead-only
    // null: the run died before it wrote the manifest
    const name = readManifestNames(stagingPaths(`${archive}/${each}`).manifest)?.name ?? null
    await underLock(name, options, async () => {
      const staging = await claim(archive, each, parsed.id)
      if (staging !== null) await sweepStaging(staging, name, options)
    })
  }
  for (const name of listRemains(pending)) {
    await underLock(name, options, async () => {
      const archived = readArchived(archive, name)
      if (archived === null || !hasOwnFiles(archived, pending)) return
      // safety: sweep-rest-proved
      if (!(await isVerified(archived, options))) return
      const other = await findDifference(archived, options)
      // safety: sweep-rest-same
      if (other === null) removeCompanionFiles(archived, pending, options.warn)
      else options.warn(`${other} differs from the archive of ${name}: nothing of it was removed`)
      flushFolder(pending)
    })
  }
}

/** Skips an export that another run works on. A failure is a warning: the remaining exports are still swept. */
async function underLock(
  name: string | null,
  { pending, warn }: SweepOptions,
  act: () => Promise<void>,
): Promise<void> {
  const lock = name === null || !exists(pending) ? null : await lockExport(pending, name)
  if (lock === null && name !== null && exists(pending)) return
  try {
    await act()
  } catch (error) {
    if (isRescueError(error) && error.code === "INTERRUPTED") throw error
    warn(`what an interrupted run left of ${name ?? "an archive"} stays: ${(error as Error).message}`)
  } finally {
    lock?.release()
  }
}

/** Of several runs that sweep at once, only one succeeds with the rename; null for the others. */
async function claim(archive: string, name: string, id: string): Promise<Staging | null> {
  const folder = await stagingFolder(archive, id)
  try {
    moveFolder(`${archive}/${name}`, folder)
    return stagingPaths(folder)
  } catch {
    return null
  }
}

async function sweepStaging(
  staging: Staging,
  name: string | null,
  { pending, archive, progress, warn }: SweepOptions,
): Promise<void> {
  if (name !== null && readArchived(archive, name) === null) {
    const raw = readPending(pending, name)
    // safety: sweep-archive-raw-whole
    if (raw === null || !(await isWhole(raw, progress))) {
      warn(
        `an interrupted run left an archive whose export is no longer in ${pending}: kept in ${staging.folder}`,
      )
      return
    }
    for (const path of filesBelow(staging.files)) {
      if (isSameFile(`${staging.files}/${path}`, `${archive}/${path}`)) removeFile(`${archive}/${path}`)
    }
    const manifest = `${archive}/${name}.manifest.json`
    if (isSameFile(staging.manifest, manifest)) removeFile(manifest)
  }
  discard(staging.manifest)
  discard(staging.folder)
  flushFolder(archive)
}

async function isWhole(saved: SavedExport, progress: Progress): Promise<boolean> {
  try {
    const raw = openRawExport(saved)
    try {
      for (const { file, source } of raw.files) {
        if ((await findRawDamage(file, source, progress)) !== null) return false
      }
      return !progress.signal.aborted
    } finally {
      raw.close()
    }
  } catch (error) {
    if (isRescueError(error) && error.code === "INTERRUPTED") throw error
    return false
  }
}

/** The first path whose content is not what was archived, and so is not ours to remove; null when all match. */
async function findDifference(
  archived: SavedExport,
  { pending, progress }: SweepOptions,
): Promise<string | null> {
  const manifest = `${pending}/${archived.name}.manifest.json`
  if (exists(manifest) && !readFileSync(manifest).equals(readFileSync(archived.manifestPath))) return manifest
  for (const file of archived.manifest.files) {
    const path = `${pending}/${file.path}`
    if (reasonNotBelow(pending, file.path) !== null) return path
    if (!exists(path)) continue
    const source = openSource(path)
    try {
      if (source.length !== file.length || (await findRawDamage(file, source, progress)) !== null) return path
    } finally {
      closeSource(source)
    }
  }
  return null
}

/** Whether the archive holds every file of the export, decoded now. */
async function isVerified(
  archived: SavedExport,
  { progress, warn, readStored }: SweepOptions,
): Promise<boolean> {
  try {
    for (const file of archived.manifest.files) {
      await verifyDecoded(file, readStored(archived, file), null, false, progress)
    }
    return true
  } catch (error) {
    if (isRescueError(error) && error.code === "INTERRUPTED") throw error
    warn(`what is left of ${archived.name} is not removed: ${(error as Error).message}`)
    return false
  }
}

/** Files that others put among an export's files stay; if only such files are left, there is nothing to verify. */
function hasOwnFiles({ name, manifest }: SavedExport, pending: string): boolean {
  const own = [`${name}.manifest.json`, `${name}.queue`, ...manifest.files.map(({ path }) => path)]
  return own.some((path) => exists(`${pending}/${path}`))
}

/** Exports of which parts are left, but no `.jsonl`. */
function listRemains(pending: string): readonly string[] {
  const names = new Set(listDirOrEmpty(pending))
  const bases = [...names].flatMap((each) => {
    const base = /^(.+)\.(manifest\.json|files|queue)$/.exec(each)?.[1]
    return base === undefined || parseExportName(base) === null || names.has(`${base}.jsonl`) ? [] : [base]
  })
  return [...new Set(bases)]
}

function filesBelow(folder: string, prefix = ""): string[] {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(`${folder}/${entry.name}`, `${prefix}${entry.name}/`)
      : [`${prefix}${entry.name}`],
  )
}
