/** Archiving: converts pending exports with an archiver, proves the results, then removes the raw exports. */
import { isRescueError } from "../../domain/errors.ts"
import type { ArchiveSource, ArchiveStaging } from "../../domain/export/archive-record.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { flushFolder } from "../../system/fs/durable.ts"
import { type GroupFlush, openGroupFlush } from "../../system/fs/group-flush.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { readArchived } from "../catalog/saved-exports.ts"
import { readBack } from "../export/write-manifest.ts"
import { damagedError, openArchive, verifyStored } from "../verify/archive-reader.ts"
import { notFlushed, prepareArchive } from "./folder.ts"
import { publishFiles, publishRecord, writeRecord } from "./publish.ts"
import { openRawExport, type RawExport, removeRawFiles, removeRawTranscript } from "./remove-raw.ts"
import { reverifyArchive } from "./reverify.ts"
import { discardMaking, type MakingArchive, startArchive } from "./staging.ts"
import { verifyAll } from "./verify-all.ts"

/** Converts an export to its archived form and back; the host verifies the output. */
export interface Archiver {
  readonly name: string
  store(saved: SavedExport, staging: ArchiveStaging): Promise<void>
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

/** One export of a group on its way to the archive. */
interface Item {
  readonly saved: SavedExport
  raw: RawExport | null
  /** null: the archive has it already, from an earlier run or put there manually. */
  making: MakingArchive | null
  archived: SavedExport | null
  failure: Error | null
}

type Work = (item: Item & { raw: RawExport }) => Promise<void> | void

/**
 * Moves exports to the archive, a step at a time for all of them: what they share are the flushes, one for each step.
 * An export that is archived is held by the archive with every file: decoded again from the disk and compared with
 * the manifest and, byte for byte, with the raw export, which is removed only after that. One that fails, fails alone:
 * either its raw export is unchanged, or its archive is complete and the next call finishes. Throws only when
 * interrupted.
 */
export async function archiveExports(
  group: readonly SavedExport[],
  archiver: Archiver,
  options: ArchiveOptions,
): Promise<ReadonlyMap<SavedExport, SavedExport | Error>> {
  const items = group.map(
    (saved): Item => ({ saved, raw: null, making: null, archived: null, failure: null }),
  )
  let flush: GroupFlush | null = null
  try {
    prepareArchive(options.archive)
    flush = await openGroupFlush(options.archive)
    await makeArchives(items, archiver, flush, options)
    // safety: archive-then-remove
    await removeRaw(
      items.filter(({ failure }) => failure === null),
      options,
    )
  } catch (error) {
    if (isInterruption(error)) throw error
    for (const item of items) item.failure ??= error as Error
  } finally {
    flush?.close()
    for (const { raw, making } of items) {
      if (making !== null) discardMaking(making)
      raw?.close()
    }
  }
  return new Map(
    items.map(({ saved, archived, failure }) => [saved, failure ?? archived ?? notArchived(saved)]),
  )
}

async function makeArchives(
  items: readonly Item[],
  archiver: Archiver,
  flush: GroupFlush,
  options: ArchiveOptions,
): Promise<void> {
  const { archive, progress } = options
  const earlier = new Map<Item, SavedExport>()
  await forEach(items, async (item) => {
    const found = readArchived(archive, item.saved.name)
    if (found !== null) earlier.set(item, found)
    else item.making = await startArchive(item.raw, archive, archiver, progress)
  })
  await flushMade(items, flush, archive)
  await forEach(items, async (item) => {
    const found = earlier.get(item)
    if (found !== undefined) item.archived = await reverifyArchive(found, item.raw, options)
    else if (item.making !== null) await verifyMade(item.raw, item.making, archiver, progress)
  })
  // from here on nothing is interrupted: what is verified gets its name
  await forEach(items, async ({ raw, making }) => {
    if (making === null) return
    await publishFiles(making, archive, raw) // safety: archive-record-last
    writeRecord(making, raw, { archiver: archiver.name, version: options.version, archivedAt: options.now() })
  })
  await flushNames(items, flush, archive)
  await forEach(items, ({ saved, making }) =>
    making === null ? undefined : publishRecord(making, archive, saved.name),
  )
  const committed = items.some(({ making, failure }) => making !== null && failure === null)
  const isFlushed = !committed || flushFolder(archive) // safety: archive-record-fsync
  await forEach(items, (item) => {
    if (item.making === null) return
    if (!isFlushed) throw notFlushed(archive) // safety: archive-record-failed
    item.archived = readArchived(archive, item.saved.name)
    if (item.archived === null) throw damagedError(`the archive of ${item.saved.name} cannot be read back`)
  })
}

/** Everything that the archivers of the group have made, and the folders in which it is. */
async function flushMade(items: readonly Item[], flush: GroupFlush, archive: string): Promise<void> {
  const made = items.flatMap(({ making, failure }) => (making === null || failure !== null ? [] : [making]))
  if (made.length === 0) return
  const filesOf = ({ manifest, staged }: MakingArchive) => [manifest, ...staged.files]
  const { failed, folders } = await flush.flush(
    made.flatMap((each) => filesOf(each).map(({ fd }) => fd)), // safety: archive-files-fsync
    made.flatMap(({ staged }) => [...staged.folders]), // safety: archive-folders-fsync
  )
  await forEach(items, ({ making }) => {
    if (making === null) return
    for (const { fd, path } of filesOf(making)) {
      if (failed.has(fd)) throw toWriteError(failed.get(fd), path) // safety: archive-file-failed
    }
    if (!folders) throw notFlushed(archive) // safety: archive-folders-failed
  })
}

async function verifyMade(
  raw: RawExport,
  making: MakingArchive,
  archiver: Archiver,
  progress: Progress,
): Promise<void> {
  const { staging, stored, staged, manifest } = making
  const cache = await pageCache()
  for (const { fd } of staged.files) cache.forget(fd) // safety: archive-forget
  await readBack(manifest.fd, manifest.path, manifest.bytes)
  const source = openArchive(staging.files, raw.saved.name, stored, { fresh: null })
  try {
    await verifyAll(raw, (file) => archiver.open(source, file, 0), progress) // safety: archive-decoded
  } finally {
    source.close()
  }
  await verifyStored(staging.files, stored)
}

/** The names of the group's files, and the records that are to be named next. */
async function flushNames(items: readonly Item[], flush: GroupFlush, archive: string): Promise<void> {
  const made = items.flatMap(({ making, failure }) => (making === null || failure !== null ? [] : [making]))
  if (made.length === 0) return
  const places = new Set(made.flatMap(({ places: each }) => [...each])) // deepest first
  const records = made.flatMap(({ record }) => (record === null ? [] : [record]))
  const { failed, folders } = await flush.flush(
    records.map(({ fd }) => fd), // safety: archive-record-flushed
    [...places, archive], // safety: archive-flush-before-record
  )
  await forEach(items, async ({ making }) => {
    const record = making?.record ?? null
    if (record === null) return
    // safety: archive-names-failed
    if (failed.has(record.fd) || !folders) throw notFlushed(archive)
    await readBack(record.fd, record.path, record.bytes)
  })
}

/** Of what is archived and nothing else; each `.jsonl` first, and for good. */
async function removeRaw(items: readonly Item[], { warn }: ArchiveOptions): Promise<void> {
  const removed = new Set<string>()
  const flushAll = () => {
    for (const folder of removed) flushFolder(folder)
  }
  // safety: raw-jsonl-first
  await forEach(items, ({ raw }) => void removed.add(removeRawTranscript(raw)))
  flushAll()
  await forEach(items, ({ raw }) => removeRawFiles(raw, warn))
  flushAll()
}

/** Does a step for each export that has not failed; the raw export is opened before its first one. */
async function forEach(items: readonly Item[], work: Work): Promise<void> {
  for (const item of items) {
    if (item.failure !== null) continue
    try {
      const raw = item.raw ?? openRawExport(item.saved)
      item.raw = raw
      await work(Object.assign(item, { raw }))
    } catch (error) {
      if (isInterruption(error)) throw error
      item.failure = error as Error
    }
  }
}

function isInterruption(error: unknown): boolean {
  return isRescueError(error) && error.code === "INTERRUPTED"
}

function notArchived({ name }: SavedExport): Error {
  return new Error(`${name} was not archived`)
}
