import { lstatSync, readFileSync } from "node:fs"
import { dirname } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { type ManifestFile, parseManifest } from "../../domain/export/manifest.ts"
import { type Progress, silent } from "../../domain/progress.ts"
import { discard, removeEmptyFolder, removeFile } from "../../system/fs/durable.ts"
import { toReadError, withWriteErrors } from "../../system/fs/io-errors.ts"
import { isInside } from "../catalog/export-files.ts"
import { digestOpenFile } from "../io/digest.ts"
import { closeSource, detectChange, openSource, type SourceFile, wasWritten } from "../io/source-file.ts"
import { damagedError } from "../verify/archive-reader.ts"

/** A pending export with all its files held open, so that exactly the compared files are removed. */
export interface RawExport {
  readonly saved: SavedExport
  readonly manifestBytes: Buffer
  readonly manifestSha256: string
  readonly files: readonly { readonly file: ManifestFile; readonly source: SourceFile }[]
  close(): void
}

/** Throws `DAMAGED` when its manifest or a file is missing, is a link, is outside the export, or has another size. */
export function openRawExport(saved: SavedExport): RawExport {
  const folder = dirname(saved.path)
  const manifestBytes = readManifestBytes(saved)
  const files: { file: ManifestFile; source: SourceFile }[] = []
  const close = () => {
    for (const { source } of files) closeSource(source)
  }
  try {
    for (const file of saved.manifest.files) files.push({ file, source: openRaw(folder, file, saved) })
    const manifestSha256 = new Bun.CryptoHasher("sha256").update(manifestBytes).digest("hex")
    return { saved, manifestBytes, manifestSha256, files, close }
  } catch (error) {
    close()
    throw error
  }
}

function readManifestBytes({ manifestPath, manifest }: SavedExport): Buffer {
  try {
    const bytes = readFileSync(manifestPath)
    if (Bun.deepEquals(parseManifest(bytes.toString()), manifest)) return bytes
  } catch (error) {
    throw toReadError(error, manifestPath)
  }
  throw damagedError(`${manifestPath} changed while it was read`)
}

function openRaw(folder: string, file: ManifestFile, { name, manifestPath }: SavedExport): SourceFile {
  // safety: raw-inside
  if (!isInside(file, `${name}.jsonl`)) {
    throw damagedError(`${manifestPath} names a file outside its export: ${JSON.stringify(file.path)}`)
  }
  for (let above = dirname(file.path); above !== "."; above = dirname(above)) {
    const stat = lstatSync(`${folder}/${above}`, { throwIfNoEntry: false })
    if (stat?.isDirectory() !== true) throw damagedError(`${folder}/${above} is missing or is not a folder`)
  }
  const path = `${folder}/${file.path}`
  const source = openRequired(path)
  if (source.length === file.length) return source
  closeSource(source)
  throw damagedError(`${path} has ${source.length} bytes and should have ${file.length}`)
}

function openRequired(path: string): SourceFile {
  try {
    return openSource(path)
  } catch (error) {
    const gone = (error as RescueError).code === "SOURCE_GONE"
    throw gone ? damagedError(`${path} is missing`) : error
  }
}

/** After an archive failed verification: the error if the raw file itself does not match its manifest, else null. */
export async function findRawDamage(
  file: ManifestFile,
  source: SourceFile,
  progress: Progress,
): Promise<RescueError | null> {
  if (progress.signal.aborted) return null
  const sha256 = await digestOpenFile(source.fd, file.length, silent(progress.signal))
  if (sha256 === file.sha256) return null
  return damagedError(`${source.path} does not match its manifest: it was left unchanged and not archived`)
}

/**
 * Removes the `.jsonl` of an export that the archive holds: without it the rest is not an export, and an interrupted
 * removal leaves a complete archive and some files for the next run to remove. Returns its folder, which is to be
 * flushed before the rest is removed.
 */
export function removeRawTranscript({ saved, files }: RawExport): string {
  const changed = files.find(({ source }) => !isUnchanged(source))
  // safety: raw-as-compared
  if (changed !== undefined) {
    const message = `${changed.source.path} was changed while it was archived: it is in the archive as it was`
    throw new RescueError("SOURCE_CHANGED", message, "nothing was removed; inspect it")
  }
  const folder = dirname(saved.path)
  withWriteErrors(folder, () => removeIfThere(`${folder}/${saved.name}.jsonl`))
  return folder
}

/** Removes the rest of it. */
export function removeRawFiles({ saved }: RawExport, warn: (message: string) => void): void {
  const folder = dirname(saved.path)
  withWriteErrors(folder, () => removeCompanionFiles(saved, folder, warn))
}

/** A manually copied file may have been adopted while the copying was only paused. */
function isUnchanged(source: SourceFile): boolean {
  const fate = detectChange(source)
  if (fate === "replaced" || fate === "shrunk") return false
  return !wasWritten(source) // safety: raw-not-written
}

/**
 * Removes the files beside the `.jsonl`, but only those the manifest names; any other file is not ours. The folder is
 * still to be flushed.
 */
export function removeCompanionFiles(
  saved: SavedExport,
  folder: string,
  warn: (message: string) => void,
): void {
  const base = `${folder}/${saved.name}`
  const folders = new Set<string>()
  for (const file of saved.manifest.files) {
    if (file.role === "transcript" || !isInside(file, `${saved.name}.jsonl`)) continue
    removeIfThere(`${folder}/${file.path}`)
    for (let above = dirname(file.path); above !== "."; above = dirname(above)) folders.add(above)
  }
  const deepestFirst = [...folders].toSorted((a, b) => b.split("/").length - a.split("/").length)
  const kept = deepestFirst.filter((each) => removeEmptyFolder(`${folder}/${each}`) === "kept")
  if (kept.length > 0) warn(`${base}.files holds files that are not of the export: they were left there`)
  discard(`${base}.queue`)
  removeIfThere(`${base}.manifest.json`)
}

function removeIfThere(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) removeFile(path)
}
