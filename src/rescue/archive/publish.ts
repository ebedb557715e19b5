import { lstatSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { archiveFormat, archiveVersion, type StoredFile } from "../../domain/export/archive-record.ts"
import { flushFolder, publishFile } from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import type { Staging } from "../export/staging.ts"
import { writeFlushed } from "../export/write-manifest.ts"
import { verifyStored } from "../verify/archive-reader.ts"
import { makeFoldersBelow } from "./folder.ts"

export interface RecordFacts {
  readonly archiver: string
  readonly version: string
  readonly archivedAt: Date
  readonly manifestSha256: string
  readonly stored: readonly StoredFile[]
}

/**
 * Publishes a verified archive without replacing anything: the archiver's files, the manifest, and the record last,
 * because its name is the commit. An existing file with identical bytes (from an interrupted run) is kept. false when
 * a folder could not be flushed: the archive may not survive a power cut.
 */
export async function publishArchive(
  staging: Staging,
  archive: string,
  name: string,
  facts: RecordFacts,
): Promise<boolean> {
  const folders = new Set<string>()
  for (const file of facts.stored) {
    for (const folder of makeFoldersBelow(archive, dirname(file.path))) folders.add(folder)
    await publishOrKeep(`${staging.files}/${file.path}`, archive, file)
  }
  // safety: archive-record-last
  const manifest = `${name}.manifest.json`
  await publishOrKeep(staging.manifest, archive, describe(staging.manifest, manifest))
  for (const { path, length } of facts.stored) {
    if (lstatSync(`${archive}/${path}`, { throwIfNoEntry: false })?.size !== length) {
      throw new RescueError(
        "CANNOT_WRITE",
        `${archive}/${path} is not there any more`,
        "the export stays as it is",
      )
    }
  }
  // safety: archive-flush-before-record
  const flushed = [...folders, archive].map((folder) => flushFolder(folder)) // deepest first
  if (flushed.includes(false)) return false
  const record = `${staging.folder}/record.json`
  await writeFlushed(record, Buffer.from(`${JSON.stringify(recordOf(facts), null, 2)}\n`))
  const final = `${archive}/${name}.archive.json`
  try {
    if ((await publishFile(record, final)) === "taken") throw inTheWay(final)
  } catch (error) {
    throw toWriteError(error, final)
  }
  return flushFolder(archive) // safety: archive-record-fsync
}

function recordOf({ archiver, version, archivedAt, manifestSha256, stored }: RecordFacts) {
  return {
    format: archiveFormat,
    formatVersion: archiveVersion,
    tool: { name: "session-rescue", version },
    archiver,
    archivedAt: archivedAt.toISOString(),
    manifestSha256,
    stored,
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

function describe(from: string, path: string): StoredFile {
  const bytes = readFileSync(from)
  return { path, length: bytes.length, sha256: new Bun.CryptoHasher("sha256").update(bytes).digest("hex") }
}

function inTheWay(path: string): RescueError {
  const message = `${path} is in the way: it is not what belongs there`
  return new RescueError(
    "CANNOT_WRITE",
    message,
    "the export stays as it is; move that file elsewhere, then again",
  )
}
