/** Archiving: converts a pending export with an archiver, proves the result, then removes the raw export. */
import { readFileSync } from "node:fs"
import { dirname } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import type { ArchiveSource, ArchiveStaging } from "../../domain/export/archive-record.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { parseSessionId } from "../../domain/session/session-id.ts"
import { discard, flushFolder } from "../../system/fs/durable.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { readArchived } from "../catalog/saved-exports.ts"
import { openStaging, type Staging } from "../export/staging.ts"
import { writeFlushed } from "../export/write-manifest.ts"
import { damagedError, openArchive, verifyStored } from "../verify/archive-reader.ts"
import { verifyDecoded } from "../verify/verify-archived.ts"
import { prepareArchive } from "./folder.ts"
import { publishArchive } from "./publish.ts"
import { findRawDamage, openRawExport, type RawExport, removeRawExport } from "./remove-raw.ts"
import { stageArchive } from "./staging.ts"

/** Converts an export to its archived form and back; the host verifies the output. */
export interface Archiver {
  readonly name: string
  store(staging: ArchiveStaging): Promise<void>
  open(source: ArchiveSource, file: ManifestFile, from: number): AsyncIterable<Uint8Array>
}

export interface ArchiveOptions {
  readonly archive: string
  readonly version: string
  readonly now: () => Date
  /** Every byte counts twice: when it is read, and when it has been decoded and compared. */
  readonly progress: Progress
  readonly warn: (message: string) => void
  /** Reads exports that are already in the archive, whichever archiver made them. */
  readonly readStored: ReadStored
}

/**
 * Moves an export to the archive. On return, the archive holds every file of it: decoded again from the disk and
 * compared with the manifest and, byte for byte, with the raw export, which is removed only after that. On an error,
 * either the raw export is unchanged, or the archive is complete and the next call finishes.
 */
export async function archiveExport(
  saved: SavedExport,
  archiver: Archiver,
  options: ArchiveOptions,
): Promise<SavedExport> {
  prepareArchive(options.archive)
  const raw = openRawExport(saved)
  try {
    const earlier = readArchived(options.archive, saved.name)
    // safety: archive-then-remove
    const archived =
      earlier === null
        ? await makeArchive(raw, archiver, options)
        : await reverifyArchive(earlier, raw, options)
    removeRawExport(raw, options.warn)
    return archived
  } finally {
    raw.close()
  }
}

async function makeArchive(
  raw: RawExport,
  archiver: Archiver,
  options: ArchiveOptions,
): Promise<SavedExport> {
  const { saved } = raw
  const id = parseSessionId(saved.manifest.session.id)
  if (id === null) throw damagedError(`${saved.manifestPath} names no session`)
  const staging = await openStaging(options.archive, id)
  try {
    return await stageAndPublish(raw, archiver, staging, options)
  } finally {
    discard(staging.manifest)
    discard(staging.folder)
  }
}

async function stageAndPublish(
  raw: RawExport,
  archiver: Archiver,
  staging: Staging,
  options: ArchiveOptions,
): Promise<SavedExport> {
  const { saved } = raw
  const { archive, progress } = options
  await writeFlushed(staging.manifest, raw.manifestBytes) // first: tells a later run which export this is
  const staged = stageArchive(staging.files, saved, progress)
  try {
    await archiver.store(staged)
  } catch (error) {
    staged.abandon()
    throw error
  }
  const stored = staged.finish()
  if (!staged.flushFolders()) throw notFlushed(staging.folder) // safety: archive-folders-fsync
  const source = openArchive(staging.files, saved.name, stored, { fresh: true })
  try {
    await verifyAll(raw, (file) => archiver.open(source, file, 0), progress) // safety: archive-decoded
  } finally {
    source.close()
  }
  await verifyStored(staging.files, stored)
  const record = {
    archiver: archiver.name,
    version: options.version,
    archivedAt: options.now(),
    manifestSha256: raw.manifestSha256,
    stored,
  }
  if (!(await publishArchive(staging, archive, saved.name, record))) throw notFlushed(archive)
  const archived = readArchived(archive, saved.name)
  if (archived === null) throw damagedError(`the archive of ${saved.name} cannot be read back`)
  return archived
}

/** An archive from an earlier run, or put there manually, is verified like a new one. */
async function reverifyArchive(
  archived: SavedExport,
  raw: RawExport,
  options: ArchiveOptions,
): Promise<SavedExport> {
  // safety: archive-of-this
  if (!raw.manifestBytes.equals(readFileSync(archived.manifestPath))) {
    const message = `${archived.manifestPath} belongs to a different export than ${raw.saved.manifestPath}`
    throw new RescueError("DAMAGED", message, "nothing was removed; compare the two")
  }
  if (archived.archive !== null) await verifyStored(dirname(archived.manifestPath), archived.archive.stored)
  await verifyAll(raw, (file) => options.readStored(archived, file, 0), options.progress) // safety: archive-decoded-anew
  // safety: archive-found-fsync
  if (!flushNames(archived)) throw notFlushed(dirname(archived.manifestPath))
  return archived
}

/** The archive may have been published without a flush: by an interrupted run or manually. */
function flushNames({ manifestPath, manifest, archive }: SavedExport): boolean {
  const folder = dirname(manifestPath)
  const folders = new Set([folder])
  for (const { path } of archive?.stored ?? manifest.files) {
    for (let above = dirname(path); above !== "."; above = dirname(above)) folders.add(`${folder}/${above}`)
  }
  return ![...folders].map((each) => flushFolder(each)).includes(false)
}

async function verifyAll(
  raw: RawExport,
  decode: (file: ManifestFile) => AsyncIterable<Uint8Array>,
  progress: Progress,
): Promise<void> {
  for (const { file, source } of raw.files) {
    await checkpoint(progress)
    try {
      const { same } = await verifyDecoded(file, decode(file), source, false, progress)
      // safety: archive-same-as-raw
      if (!same)
        throw damagedError(`${file.path} was archived, but ${source.path} no longer holds the same bytes`)
    } catch (error) {
      throw (await findRawDamage(file, source, progress)) ?? error
    }
  }
}

function notFlushed(folder: string): RescueError {
  const message = `${folder} could not be flushed to the disk, so an archive there may not survive a power cut`
  return new RescueError(
    "CANNOT_WRITE",
    message,
    "the export stays as it is; try again, or archive elsewhere",
  )
}
