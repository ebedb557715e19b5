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
import { makeLink, takePlace } from "../../system/fs/exchange.ts"
import { writeTrouble } from "../../system/fs/io-errors.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { look, type Target } from "./target.ts"
import { sweepTemporaries, temporaryIn, writeProved } from "./temp-file.ts"

export interface Placement {
  readonly file: ManifestFile
  readonly target: Target
}
export interface LinkPlacement {
  readonly target: Target
  readonly leadsTo: DiskPath
}

export interface PutBackOptions {
  readonly read: ReadStored
  readonly progress: Progress
  /** Folders in which an earlier run may have left something, whether anything is written there now or not. */
  readonly around: readonly DiskPath[]
  /** Called when everything lies ready and is proved, before the first file gets its name; throws to stop. */
  readonly lastLook: () => Promise<void>
}

export interface PutBackResult {
  /** false: a folder could not be flushed, so a name may be lost in a power cut. */
  readonly confirmed: boolean
  /** How many links were made; one whose name was taken meanwhile is left. */
  readonly links: number
}

interface Ready extends Placement {
  readonly temporary: DiskPath
}

const elsewhere = "unpack it elsewhere with: --to /some/other/folder"

/**
 * Puts files of an export under their final names: all are first written beside them and proved, so that whatever
 * fails there changes nothing. No name ever stands for half a file, and none that is taken is replaced unless the
 * target was looked at as `present`; one that is not any more as it was then stops it. The transcript comes last.
 */
export async function putBack(
  saved: SavedExport,
  files: readonly Placement[],
  links: readonly LinkPlacement[],
  options: PutBackOptions,
): Promise<PutBackResult> {
  const { id } = saved.manifest.session
  const made: DiskPath[] = []
  const ready: Ready[] = []
  let published = 0
  const transcriptLast = files.toSorted((a, b) => order(a) - order(b)) // safety: restore-transcript-last
  try {
    for (const { target } of [...files, ...links]) prepareFolders(target, made)
    const folders = new Set([...files, ...links].map(({ target }) => target.folders.at(-1) ?? ""))
    for (const folder of new Set([...folders, ...options.around])) await sweepTemporaries(folder, id)
    for (const { file, target } of transcriptLast) {
      await checkpoint(options.progress)
      const temporary = await temporaryIn(target.folders.at(-1) ?? "", id)
      await trying(target, () => writeProved(saved, file, temporary, options.read, options.progress))
      ready.push({ file, target, temporary })
    }
    await options.lastLook() // safety: restore-last-look
    const count = links.filter(({ target, leadsTo }) => makeLink(target.path, leadsTo) === "made").length
    // without their parents' entries new folders would be lost in a power cut
    const touched = [...made.map(parentPath), ...folders]
    let confirmed = true
    const flush = () => {
      for (const folder of touched) confirmed = flushFolder(folder) && confirmed
    }
    for (const each of ready) {
      if (each.file.role === "transcript") flush() // by it the client sees the session: the rest is there before
      await trying(each.target, () => publish(each))
      published++
    }
    flush()
    return { confirmed, links: count }
  } catch (error) {
    throw published === 0 ? error : partly(error, published, ready.length)
  } finally {
    for (const { temporary } of ready) discard(temporary)
    for (const folder of made.toReversed()) tidy(folder)
  }
}

/** What was made for nothing goes again; what cannot go must not hide the error that led here. */
function tidy(folder: DiskPath): void {
  try {
    removeEmptyFolder(folder)
  } catch {
    // an empty folder stays
  }
}

function order({ file }: Placement): number {
  return file.role === "transcript" ? 1 : 0
}

function prepareFolders(target: Target, made: DiskPath[]): void {
  const [root = ""] = target.folders
  for (const folder of [...missingAbove(root), ...target.folders]) {
    if (look(folder) !== undefined) continue
    try {
      makeFolder(folder)
    } catch (error) {
      throw writeTrouble(error, showPath(folder), elsewhere)
    }
    made.push(folder)
  }
}

/** The folders above one that do not exist, the outermost first. */
function missingAbove(folder: DiskPath): readonly DiskPath[] {
  const above = parentPath(folder)
  return look(above) === undefined ? [...missingAbove(above), above] : []
}

async function publish({ target, temporary }: Ready): Promise<void> {
  const { path, present } = target
  if (present === null) {
    if ((await publishFile(temporary, path)) === "taken") throw meanwhile(path)
    removeFile(temporary)
    return
  }
  // safety: restore-as-looked-at
  if (!isSame(look(path), present)) throw meanwhile(path)
  if ((await takePlace(temporary, path)) === "replaced") return
  // the file that was there is held now, whatever came between the look and the exchange
  if (isSame(look(temporary), present)) return
  await takePlace(temporary, path)
  throw meanwhile(path)
}

/** An exchange changes the time of change itself. */
function isSame(now: ReturnType<typeof look>, then: NonNullable<Target["present"]>): boolean {
  return (
    now?.dev === then.dev && now.ino === then.ino && now.size === then.size && now.mtimeNs === then.mtimeNs
  )
}

function meanwhile(path: DiskPath): RescueError {
  const message = `${showPath(path)} was made or changed meanwhile, and was left as it is`
  return new RescueError(
    "REFUSED",
    message,
    "see what writes there: session-rescue --status, then run it again",
  )
}

async function trying<T>({ path }: Target, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw writeTrouble(error, showPath(path), elsewhere)
  }
}

function partly(error: unknown, published: number, all: number): RescueError {
  const { code, message } = writeTrouble(error, "the home", elsewhere)
  const done = `${published} of ${all} files had been put back, each whole`
  return new RescueError(code, `${message}; ${done}`, "run it again for the rest", { cause: error })
}
