/** Restoring: writes the files of exports back to a client's home, each one complete or not at all. */
import { type DiskPath, parentPath, pathKey, showPath } from "../../domain/disk-path.ts"
import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { discard, flushFolder, makeFolder, removeEmptyFolder } from "../../system/fs/durable.ts"
import { makeSymlink } from "../../system/fs/exchange.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { putInPlace } from "./publish.ts"
import { statTarget, type Target } from "./target.ts"
import { sweepTempFiles, TempFileBatch, tempFileIn } from "./temp-file.ts"

export interface Placement {
  readonly file: ManifestFile
  /** Where the file goes; for rows, the database that they go into. */
  readonly target: Target
}
export interface LinkPlacement {
  readonly target: Target
  readonly leadsTo: DiskPath
}

/** What is to be put back of one export. */
export interface RestoreItem {
  readonly saved: SavedExport
  readonly files: readonly Placement[]
  readonly links: readonly LinkPlacement[]
  /** Whether rows may be added to a session that went on. */
  readonly force?: boolean
  /** Folders in which an earlier run may have left temporary files, whether or not files are written there now. */
  readonly foldersToSweep: readonly DiskPath[]
}

export interface RestoreGroupOptions {
  readonly read: ReadStored
  readonly progress: Progress
  /**
   * Called once everything is written and verified, before the first file is published. Returns the items that must not
   * be published, and why; throws to stop all of them.
   */
  readonly beforePublish: (items: readonly RestoreItem[]) => Promise<ReadonlyMap<RestoreItem, Error>>
}

export interface RestoreFilesResult {
  /** false: a folder could not be flushed, so a name may be lost in a power cut. */
  readonly confirmed: boolean
  /** Number of links created; one whose name was taken in the meantime is skipped. */
  readonly links: number
}

/** One item on its way back. */
interface Restoring {
  readonly item: RestoreItem
  readonly made: DiskPath[]
  readonly ready: Ready[]
  published: number
  links: number
  failure: Error | null
}

interface Ready extends Placement {
  readonly temporary: DiskPath
}

const elsewhere = "unpack it elsewhere with: --to /some/other/folder"

/**
 * Restores the files of exports, a step at a time for all of them: what they share are the flushes. All are first
 * written to temporary files beside their targets and verified, so a failure until then changes nothing. A final name
 * never holds a partial file. An existing file is replaced only if it was recorded as `present` in the target and has
 * not changed since; otherwise that restore stops. The transcript is published last. An export that fails, fails alone.
 * Throws when interrupted: nothing was restored then.
 */
export async function restoreGroup(
  items: readonly RestoreItem[],
  options: RestoreGroupOptions,
): Promise<ReadonlyMap<RestoreItem, RestoreFilesResult | Error>> {
  const all = items.map((item): Restoring => {
    return { item, made: [], ready: [], published: 0, links: 0, failure: null }
  })
  try {
    await stageFiles(all, options)
    const alive = all.filter(({ failure }) => failure === null).map(({ item }) => item)
    const refused = await options.beforePublish(alive) // safety: restore-last-look
    for (const each of all) each.failure ??= refused.get(each.item) ?? null
    const confirmed = await publishFiles(all)
    return new Map(all.map((each) => [each.item, resultOf(each, confirmed)] as const))
  } finally {
    for (const { ready, made } of all) {
      for (const { temporary } of ready) discard(temporary)
      for (const folder of made.toReversed()) removeIfEmpty(folder)
    }
  }
}

function resultOf({ failure, links, published, ready }: Restoring, confirmed: boolean) {
  if (failure === null) return { confirmed, links }
  return published === 0 ? failure : partialFailure(failure, published, ready.length)
}

/** Writes the files, flushes them together, and reads each again. */
async function stageFiles(all: readonly Restoring[], { read, progress }: RestoreGroupOptions): Promise<void> {
  await forEach(all, ({ item, made }) => {
    for (const { target } of [...item.files, ...item.links]) prepareFolders(target, made)
  })
  await sweepAll(all)
  const batch = new TempFileBatch()
  try {
    await forEach(all, async ({ item, ready }) => {
      const { saved, files } = item
      const { id } = saved.manifest.session
      for (const { file, target } of files) {
        await checkpoint(progress)
        const folder = target.folders.at(-1) ?? ""
        const temporary = await tempFileIn(folder, id)
        await withRestoreErrors(target, async () => {
          await batch.add({ saved, file, temporary, owner: item }, folder, { read, progress })
        })
        ready.push({ file, target, temporary })
      }
    })
    await batch.verify(progress)
  } finally {
    batch.close()
  }
  for (const each of all) {
    const bad = batch.failures.get(each.item)
    if (bad === undefined) continue
    const target = each.item.files.find(({ file }) => file === bad.file)?.target
    each.failure ??= target === undefined ? bad.error : toRestoreError(target, bad.error)
  }
}

/** The links, then the files, the transcripts last. false: a folder could not be flushed. */
async function publishFiles(all: readonly Restoring[]): Promise<boolean> {
  await forEach(all, (each) => {
    each.links = each.item.links.filter(
      ({ target, leadsTo }) => makeSymlink(target.path, leadsTo) === "made",
    ).length
  })
  let confirmed = true
  const flush = () => {
    // without their parents' entries, new folders would be lost in a power cut
    const touched = all
      .filter(({ failure }) => failure === null)
      .flatMap((each) => [...each.made.map(parentPath), ...targetFolders(each)])
    for (const folder of new Map(touched.map((path) => [pathKey(path), path])).values())
      confirmed = flushFolder(folder) && confirmed
  }
  const publishAll = (role: "transcript" | "other") =>
    forEach(all, async (each) => {
      for (const ready of each.ready) {
        if ((ready.file.role === "transcript") !== (role === "transcript")) continue
        await withRestoreErrors(ready.target, () =>
          putInPlace(ready, each.item.saved, each.item.force === true),
        )
        each.published++
      }
    })
  // safety: restore-transcript-last
  await publishAll("other")
  flush() // the client finds a session by its transcript
  await publishAll("transcript")
  flush()
  return confirmed
}

function targetFolders({ item }: Restoring): readonly DiskPath[] {
  return [...item.files, ...item.links].map(({ target }) => target.folders.at(-1) ?? "")
}

/** Removes what dead runs have left of these sessions; each folder is listed once. */
async function sweepAll(all: readonly Restoring[]): Promise<void> {
  const places = new Map<string, { folder: DiskPath; ids: Set<string> }>()
  await forEach(all, (each) => {
    for (const folder of [...targetFolders(each), ...each.item.foldersToSweep]) {
      const place = places.get(pathKey(folder)) ?? { folder, ids: new Set() }
      place.ids.add(each.item.saved.manifest.session.id)
      places.set(pathKey(folder), place)
    }
  })
  for (const { folder, ids } of places.values()) await sweepTempFiles(folder, ids)
}

async function forEach(
  all: readonly Restoring[],
  work: (each: Restoring) => Promise<void> | void,
): Promise<void> {
  for (const each of all) {
    if (each.failure !== null) continue
    try {
      await work(each)
    } catch (error) {
      if (isRescueError(error) && error.code === "INTERRUPTED") throw error
      each.failure = error as Error
    }
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

async function withRestoreErrors<T>(target: Target, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw toRestoreError(target, error)
  }
}

function toRestoreError({ path }: Target, error: unknown): RescueError {
  return toWriteError(error, showPath(path), elsewhere)
}

function partialFailure(error: unknown, published: number, all: number): RescueError {
  const { code, message } = toWriteError(error, "the home", elsewhere)
  const done = `${published} of ${all} files had been put back, each whole`
  return new RescueError(code, `${message}; ${done}`, "run it again for the rest", { cause: error })
}
