/** Verification: reads exports and archives again and compares them with manifests, sources and each other. */
import { lstatSync, readdirSync } from "node:fs"
import { dirname } from "node:path"
import { type DiskPath, diskPath, joinPath, showPath } from "../../domain/disk-path.ts"
import { isRescueError } from "../../domain/errors.ts"
import { isStoredName } from "../../domain/export/archive-record.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import { type ManifestFile, storedFiles } from "../../domain/export/manifest.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import type { Progress } from "../../domain/progress.ts"
import { fsPath } from "../../system/fs/files.ts"
import {
  readOrDamaged,
  readRegularFile,
  reasonNotBelow,
  reasonOutsideExport,
} from "../catalog/export-files.ts"
import { digestStream, evictFile } from "../io/digest.ts"

export interface Problem {
  readonly path: string
  readonly kind: "missing" | "damaged" | "outside" | "unreadable" | "foreign"
  readonly message: string
}

export interface CheckResult {
  readonly problems: readonly Problem[]
  readonly bytes: number
  readonly files: number
  /** Checksums of the files that were read, by their path in the manifest. */
  readonly sums: readonly { readonly path: string; readonly sha256: string; readonly md5: string | null }[]
}

/** An unlisted file in an export's folder is reported, but does not count as damage. */
export function isDamage({ kind }: Problem): boolean {
  return kind !== "foreign"
}

/** The verdict on the export; "unreadable": no damage is known, but not everything could be read. */
export function worstOf(problems: readonly Problem[]): "damaged" | "unreadable" | null {
  const damage = problems.filter(isDamage)
  if (damage.length === 0) return null
  return damage.every(({ kind }) => kind === "unreadable") ? "unreadable" : "damaged"
}

/**
 * Reads every file of an export again from the disk, not the page cache, and compares it with the manifest; for an
 * archived export, also the files its archiver made. Changes nothing.
 */
export async function checkExport(
  saved: SavedExport,
  read: ReadStored,
  md5: boolean,
  progress: Progress,
): Promise<CheckResult> {
  const problems: Problem[] = saved.archive === null ? [] : [...(await checkStored(saved, progress))]
  const sums: CheckResult["sums"][number][] = []
  const files = storedFiles(saved.manifest)
  for (const file of files) {
    const found = await checkFile(saved, file, read, md5, progress)
    if ("kind" in found) problems.push(found)
    else sums.push({ path: file.path, ...found })
  }
  const more = saved.archive === null ? [...checkEmptyTranscript(saved), ...findUnlisted(saved)] : []
  return { problems: [...problems, ...more], bytes: totalBytes(saved.manifest), files: files.length, sums }
}

async function checkFile(
  saved: SavedExport,
  file: ManifestFile,
  read: ReadStored,
  withMd5: boolean,
  progress: Progress,
): Promise<Problem | { sha256: string; md5: string | null }> {
  const raw = saved.archive === null
  const path = raw ? `${dirname(saved.path)}/${file.path}` : file.path
  const problem = (kind: Problem["kind"], message: string): Problem => ({ path, kind, message })
  try {
    if (raw) {
      const why = reasonOutsideExport(saved, file)
      if (why !== null) return problem("outside", why)
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
        return problem("missing", `it is missing (${file.length} bytes)`)
      }
      await evictFile(path)
    }
    const wantsMd5 = withMd5 || file.md5 !== undefined
    const { length, sha256, md5 } = await digestStream(
      readOrDamaged(read, saved, file),
      file.length,
      wantsMd5,
      progress,
    )
    if (length > file.length) return problem("damaged", `it holds more than its ${file.length} bytes`)
    if (length < file.length) return problem("damaged", `it holds ${length} of its ${file.length} bytes`)
    if (sha256 !== file.sha256) return problem("damaged", "its SHA-256 is another")
    if (file.md5 !== undefined && md5 !== file.md5) return problem("damaged", "its MD5 is another")
    return { sha256, md5: withMd5 ? md5 : null }
  } catch (error) {
    return problem(...toProblem(error))
  }
}

/** Checks the archiver's files against the record; that the manifest is the archived one was checked on reading. */
async function checkStored(saved: SavedExport, progress: Progress): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const { path: name, length, sha256 } of saved.archive?.stored ?? []) {
    const path = `${dirname(saved.manifestPath)}/${name}`
    const problem = (kind: Problem["kind"], message: string) => void problems.push({ path, kind, message })
    try {
      const why = isStoredName(name, saved.name)
        ? reasonNotBelow(dirname(saved.manifestPath), name)
        : "its record names a file that is not its own"
      if (why !== null) problem("outside", why)
      else if (lstatSync(path, { throwIfNoEntry: false }) === undefined) problem("missing", "it is missing")
      else {
        await evictFile(path)
        const found = await digestStream(readRegularFile(path), length, false, progress)
        if (found.length !== length) problem("damaged", `it holds another number of bytes than ${length}`)
        else if (found.sha256 !== sha256) problem("damaged", "its SHA-256 is another")
      }
    } catch (error) {
      problem(...toProblem(error))
    }
  }
  return problems
}

/** Without a transcript, the `.jsonl` only commits the export. */
function checkEmptyTranscript({ path, manifest }: SavedExport): Problem[] {
  if (manifest.files.some((file) => file.role === "transcript")) return []
  const look = lstatSync(path, { throwIfNoEntry: false })
  const message = "its manifest names no transcript, so it should be an empty file"
  return look?.isFile() && look.size === 0 ? [] : [{ path, kind: "damaged", message }]
}

/** Throws an interruption again: it is not a finding. */
function toProblem(error: unknown): [Problem["kind"], string] {
  if (!isRescueError(error)) return ["unreadable", error instanceof Error ? error.message : String(error)]
  if (error.code === "INTERRUPTED") throw error
  return [error.code === "DAMAGED" ? "damaged" : "unreadable", error.message]
}

/** Files in an export's folder that its manifest does not name. Links are not followed. */
export function findUnlisted({ path, name, manifest }: SavedExport): Problem[] {
  const known = new Set(storedFiles(manifest).map((file) => file.path))
  const folder = dirname(path)
  const found: Problem[] = []
  const walk = (relative: DiskPath) => {
    const place = fsPath(joinPath(folder, relative))
    const look = lstatSync(place, { throwIfNoEntry: false })
    if (look?.isDirectory()) {
      for (const entry of readdirSync(place, { encoding: "buffer" }) as Buffer[]) {
        walk(joinPath(relative, diskPath(entry)))
      }
      return
    }
    if (look === undefined || (typeof relative === "string" && known.has(relative))) return
    const shown = showPath(joinPath(folder, relative))
    found.push({ path: shown, kind: "foreign", message: "it is not in the manifest" })
  }
  walk(`${name}.files`)
  return found
}
