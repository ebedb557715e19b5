/** Restoring: writes the files of an export back to a client's home, each one complete or not at all. */
import { type DiskPath, parentPath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import {
  discard,
  flushFolder,
  makeFolder,
  publishFile,
  removeEmptyFolder,
  removeFile,
} from "../../system/fs/durable.ts"
import { exchangeFiles, makeSymlink } from "../../system/fs/exchange.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { statTarget, type Target } from "./target.ts"
import { sweepTempFiles, tempFileIn, writeVerified } from "./temp-file.ts"

export interface Placement {
  readonly file: ManifestFile
  readonly target: Target
}
export interface LinkPlacement {
  readonly target: Target
  readonly leadsTo: DiskPath
}

export interface RestoreFilesOptions {
  readonly read: ReadStored
  readonly progress: Progress
  /** Folders in which an earlier run may have left temporary files, whether or not files are written there now. */
  readonly foldersToSweep: readonly DiskPath[]
  /** Called once everything is written and verified, before the first file is published; throws to stop. */
  readonly beforePublish: () => Promise<void>
}

export interface RestoreFilesResult {
  /** false: a folder could not be flushed, so a name may be lost in a power cut. */
  readonly confirmed: boolean
  /** Number of links created; one whose name was taken in the meantime is skipped. */
  readonly links: number
}

interface Ready extends Placement {
  readonly temporary: DiskPath
}

const elsewhere = "unpack it elsewhere with: --to /some/other/folder"

/**
 * Restores files of an export. All are first written to temporary files beside their targets and verified, so a
 * failure until then changes nothing. A final name never holds a partial file. An existing file is replaced only if
 * it was recorded as `present` in the target and has not changed since; otherwise the restore stops. The transcript
 * is published last.
 */
export async function restoreFiles(
  saved: SavedExport,
  files: readonly Placement[],
  links: readonly LinkPlacement[],
  options: RestoreFilesOptions,
): Promise<RestoreFilesResult> {
  const { id } = saved.manifest.session
  const made: DiskPath[] = []
  const ready: Ready[] = []
  let published = 0
  const transcriptLast = files.toSorted((a, b) => order(a) - order(b)) // safety: restore-transcript-last
  try {
    for (const { target } of [...files, ...links]) prepareFolders(target, made)
    const folders = new Set([...files, ...links].map(({ target }) => target.folders.at(-1) ?? ""))
    for (const folder of new Set([...folders, ...options.foldersToSweep])) await sweepTempFiles(folder, id)
    for (const { file, target } of transcriptLast) {
      await checkpoint(options.progress)
      const temporary = await tempFileIn(target.folders.at(-1) ?? "", id)
      await withRestoreErrors(target, () =>
        writeVerified(saved, file, temporary, options.read, options.progress),
      )
      ready.push({ file, target, temporary })
    }
    await options.beforePublish() // safety: restore-last-look
    const count = links.filter(({ target, leadsTo }) => makeSymlink(target.path, leadsTo) === "made").length
    // without their parents' entries, new folders would be lost in a power cut
    const touched = [...made.map(parentPath), ...folders]
    let confirmed = true
    const flush = () => {
      for (const folder of touched) confirmed = flushFolder(folder) && confirmed
    }
    for (const each of ready) {
      if (each.file.role === "transcript") flush() // the client finds the session by it
      await withRestoreErrors(each.target, () => publish(each))
      published++
    }
    flush()
    return { confirmed, links: count }
  } catch (error) {
    throw published === 0 ? error : partialFailure(error, published, ready.length)
  } finally {
    for (const { temporary } of ready) discard(temporary)
    for (const folder of made.toReversed()) removeIfEmpty(folder)
  }
}

/** Removes a folder that was created in vain; must not mask the original error. */
function removeIfEmpty(folder: DiskPath): void {
  try {
    removeEmptyFolder(folder)
  } catch {
    // the folder stays
  }
}

function order({ file }: Placement): number {
  return file.role === "transcript" ? 1 : 0
}

function prepareFolders(target: Target, made: DiskPath[]): void {
  const [root = ""] = target.folders
  for (const folder of [...missingAbove(root), ...target.folders]) {
    if (statTarget(folder) !== undefined) continue
    try {
      makeFolder(folder)
    } catch (error) {
      throw toWriteError(error, showPath(folder), elsewhere)
    }
    made.push(folder)
  }
}

/** The missing folders above a folder, outermost first. */
function missingAbove(folder: DiskPath): readonly DiskPath[] {
  const above = parentPath(folder)
  return statTarget(above) === undefined ? [...missingAbove(above), above] : []
}

async function publish({ target, temporary }: Ready): Promise<void> {
  const { path, present } = target
  if (present === null) {
    if ((await publishFile(temporary, path)) === "taken") throw changedSince(path)
    removeFile(temporary)
    return
  }
  // safety: restore-as-looked-at
  if (!isSame(statTarget(path), present)) throw changedSince(path)
  if ((await exchangeFiles(temporary, path)) === "replaced") return
  // the file that was there is held now, whatever came between the look and the exchange
  if (isSame(statTarget(temporary), present)) return
  await exchangeFiles(temporary, path)
  throw changedSince(path)
}

/** ctime is not compared: the exchange itself changes it. */
function isSame(now: ReturnType<typeof statTarget>, then: NonNullable<Target["present"]>): boolean {
  return (
    now?.dev === then.dev && now.ino === then.ino && now.size === then.size && now.mtimeNs === then.mtimeNs
  )
}

function changedSince(path: DiskPath): RescueError {
  const message = `${showPath(path)} was created or changed in the meantime, and was left as it is`
  return new RescueError(
    "REFUSED",
    message,
    "see what writes there: session-rescue --status, then run it again",
  )
}

async function withRestoreErrors<T>({ path }: Target, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw toWriteError(error, showPath(path), elsewhere)
  }
}

function partialFailure(error: unknown, published: number, all: number): RescueError {
  const { code, message } = toWriteError(error, "the home", elsewhere)
  const done = `${published} of ${all} files had been put back, each whole`
  return new RescueError(code, `${message}; ${done}`, "run it again for the rest", { cause: error })
}
