import { dirname } from "node:path"
import {
  type ArchiveRecord,
  type ArchiveSource,
  isStoredName,
  parseArchiveRecord,
  type StoredFile,
} from "../../domain/export/archive-record.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { type Manifest, type ManifestFile, parseManifest } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import {
  closeFile,
  createFile,
  discard,
  flushFile,
  flushFolder,
  makeFolders,
  writeAll,
} from "../../system/fs/durable.ts"
import { toWriteError, withWriteErrors } from "../../system/fs/io-errors.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { isInside } from "../catalog/export-files.ts"
import { readArchived } from "../catalog/saved-exports.ts"
import { openStaging, type Staging } from "../export/staging.ts"
import { writeText } from "../export/write-manifest.ts"
import { damagedError, openArchive } from "../verify/archive-reader.ts"
import { verifyDecoded } from "../verify/verify-archived.ts"
import { notFlushed, prepareArchive } from "./folder.ts"
import { publishFiles, publishRecord } from "./publish.ts"

/** An archive that comes from elsewhere. Nothing of it is believed before it is compared. */
export interface IncomingArchive {
  readonly name: string
  readonly record: ArchiveRecord
  readonly recordBytes: Buffer
  readonly manifest: Manifest
  readonly manifestBytes: Buffer
}

export interface ReceiveOptions {
  readonly archive: string
  /** Every byte counts twice: when it arrives, and when it has been decoded and compared. */
  readonly progress: Progress
  receive(file: StoredFile): AsyncIterable<Uint8Array>
  decode(source: ArchiveSource, file: ManifestFile): AsyncIterable<Uint8Array>
  /** false: everything is fetched and verified, and nothing is kept. */
  readonly keep: boolean
}

/** Throws `DAMAGED` unless record and manifest are of this export, belong together and name only its own files. */
export function readIncoming(
  { session, name }: { readonly session: SessionId; readonly name: string },
  recordBytes: Buffer,
  manifestBytes: Buffer,
): IncomingArchive {
  const record = parseArchiveRecord(recordBytes.toString())
  const manifest = parseManifest(manifestBytes.toString())
  const sha256 = new Bun.CryptoHasher("sha256").update(manifestBytes).digest("hex")
  if (record === null || manifest === null)
    throw damagedError(`the record or the manifest of ${name} cannot be read`)
  if (record.manifestSha256 !== sha256 || manifest.session.id !== session)
    throw damagedError(`the record and the manifest of ${name} do not belong together`)
  // safety: receive-inside
  const strays = [
    ...record.stored.filter(({ path }) => !isStoredName(path, name)),
    ...manifest.files.filter((file) => !isInside(file, `${name}.jsonl`)),
  ]
  const [stray] = strays
  if (stray !== undefined)
    throw damagedError(`${name} names ${JSON.stringify(stray.path)}, which is not its own`)
  return { name, record, recordBytes, manifest, manifestBytes }
}

/**
 * Fetches an archive into a private folder, compares each file with the record, decodes all of it from the disk and
 * compares it with the manifest; only then its files get their names, the record last. An interrupted one is continued
 * by the next call.
 */
export async function receiveArchive(
  session: SessionId,
  incoming: IncomingArchive,
  options: ReceiveOptions,
): Promise<SavedExport | null> {
  prepareArchive(options.archive)
  const staging = await openStaging(options.archive, session)
  try {
    makeFolders(staging.files, false)
    for (const file of incoming.record.stored) await fetchFile(staging, file, options)
    const source = openArchive(staging.files, incoming.name, incoming.record.stored, { fresh: "evicted" })
    try {
      for (const file of incoming.manifest.files)
        await verifyDecoded(file, options.decode(source, file), null, false, options.progress) // safety: receive-decoded
    } finally {
      source.close()
    }
    return options.keep ? await publish(staging, incoming, options.archive) : null
  } finally {
    discard(staging.folder)
  }
}

async function fetchFile(staging: Staging, file: StoredFile, options: ReceiveOptions): Promise<void> {
  const path = `${staging.files}/${file.path}`
  const fd = withWriteErrors(path, () => {
    makeFolders(dirname(path), false)
    return createFile(path)
  })
  const hasher = new Bun.CryptoHasher("sha256")
  const advance = checkpoints(options.progress)
  let length = 0
  try {
    for await (const bytes of options.receive(file)) {
      if (length + bytes.length > file.length)
        throw damagedError(`${file.path} is longer than its record says`)
      withWriteErrors(path, () => writeAll(fd, bytes, length))
      hasher.update(bytes)
      length += bytes.length
      await advance(bytes.length)
    }
    if (length !== file.length)
      throw damagedError(`${file.path} has ${length} bytes there and should have ${file.length}`)
    if (hasher.digest("hex") !== file.sha256)
      throw damagedError(`${file.path} is not what was pushed: its checksum differs`)
    try {
      await flushFile(fd)
    } catch (error) {
      throw toWriteError(error, path)
    }
  } finally {
    closeFile(fd)
  }
}

async function publish(staging: Staging, incoming: IncomingArchive, archive: string): Promise<SavedExport> {
  const { name, record, recordBytes, manifestBytes } = incoming
  // not `staging.manifest`: a sweep would take it for an archive whose raw export has been lost
  const manifest = `${staging.folder}/received.json`
  const recordPath = `${staging.folder}/record.json`
  for (const [path, bytes] of [
    [manifest, manifestBytes],
    [recordPath, recordBytes],
  ] as const) {
    const fd = writeText(path, bytes)
    try {
      await flushFile(fd)
    } finally {
      closeFile(fd)
    }
  }
  const places = new Set<string>()
  const made = { staging: { ...staging, manifest }, stored: record.stored, places }
  await publishFiles(made, archive, { saved: { name }, manifestBytes, manifestSha256: record.manifestSha256 })
  if ([...places, archive].map((folder) => flushFolder(folder)).includes(false)) throw notFlushed(archive)
  await publishRecord({ record: { path: recordPath, fd: -1, bytes: recordBytes } }, archive, name)
  if (!flushFolder(archive)) throw notFlushed(archive)
  const saved = readArchived(archive, name)
  if (saved === null) throw damagedError(`the archive of ${name} cannot be read back`)
  return saved
}
