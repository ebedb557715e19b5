import { lstatSync } from "node:fs"
import { dirname } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { archiveFormat, archiveVersion, type StoredFile } from "../../domain/export/archive-record.ts"
import { publishFile } from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { writeText } from "../export/write-manifest.ts"
import { verifyStored } from "../verify/archive-reader.ts"
import { makeFoldersBelow } from "./folder.ts"
import type { RawExport } from "./remove-raw.ts"
import type { MakingArchive } from "./staging.ts"

/** What the names of an archive are made from. */
interface ArchivedFacts extends Pick<RawExport, "manifestBytes" | "manifestSha256"> {
  readonly saved: { readonly name: string }
}

export interface RecordFacts {
  readonly archiver: string
  readonly version: string
  readonly archivedAt: Date
}

/**
 * Gives the files of a verified archive their names, without replacing anything: the archiver's files and the manifest.
 * An existing file with identical bytes (from an interrupted run) is kept. Nothing counts as archived yet.
 */
export async function publishFiles(
  { staging, stored, places }: Pick<MakingArchive, "staging" | "stored" | "places">,
  archive: string,
  { saved, manifestBytes, manifestSha256 }: ArchivedFacts,
): Promise<void> {
  for (const file of stored) {
    for (const folder of makeFoldersBelow(archive, dirname(file.path))) places.add(folder)
    await publishOrKeep(`${staging.files}/${file.path}`, archive, file)
  }
  const manifest = {
    path: `${saved.name}.manifest.json`,
    length: manifestBytes.length,
    sha256: manifestSha256,
  }
  await publishOrKeep(staging.manifest, archive, manifest)
  for (const { path, length } of stored) {
    if (lstatSync(`${archive}/${path}`, { throwIfNoEntry: false })?.size !== length) {
      throw new RescueError(
        "CANNOT_WRITE",
        `${archive}/${path} is not there any more`,
        "the export stays as it is",
      )
    }
  }
}

/** Writes the record, unflushed and without its name: its name is the commit. */
export function writeRecord(making: MakingArchive, { manifestSha256 }: RawExport, facts: RecordFacts): void {
  const { archiver, version, archivedAt } = facts
  const inodeOf = (path: string) => String(lstatSync(`${making.staging.files}/${path}`, { bigint: true }).ino)
  const record = {
    format: archiveFormat,
    formatVersion: archiveVersion,
    tool: { name: "session-rescue", version },
    archiver,
    archivedAt: archivedAt.toISOString(),
    manifestSha256,
    stored: making.stored.map((file) => ({ ...file, inode: inodeOf(file.path) })),
  }
  const bytes = Buffer.from(`${JSON.stringify(record, null, 2)}\n`)
  const path = `${making.staging.folder}/record.json`
  making.record = { path, fd: writeText(path, bytes), bytes }
}

/** Once the record and every name of the archive are flushed. */
export async function publishRecord(
  { record }: Pick<MakingArchive, "record">,
  archive: string,
  name: string,
): Promise<void> {
  const final = `${archive}/${name}.archive.json`
  if (record === null) throw new Error(`${final} was not written`)
  try {
    if ((await publishFile(record.path, final)) === "taken") throw inTheWay(final)
  } catch (error) {
    throw toWriteError(error, final)
  }
}

async function publishOrKeep(from: string, archive: string, file: StoredFile): Promise<void> {
  const final = `${archive}/${file.path}`
  try {
    if ((await publishFile(from, final)) === "published") return
  } catch (error) {
    throw toWriteError(error, final)
  }
  try {
    // safety: archive-in-the-way
    await verifyStored(archive, [file])
  } catch {
    throw inTheWay(final)
  }
}

function inTheWay(path: string): RescueError {
  const message = `${path} is in the way: it is not what belongs there`
  return new RescueError(
    "CANNOT_WRITE",
    message,
    "the export stays as it is; move that file elsewhere, then again",
  )
}
