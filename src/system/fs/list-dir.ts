import { accessSync, constants, lstatSync, readdirSync, statfsSync, statSync } from "node:fs"
import { dirname } from "node:path"
import type { DiskPath } from "../../domain/disk-path.ts"
import { errnoOf, RescueError } from "../../domain/errors.ts"
import { exists, fsPath } from "./files.ts"
import { toReadError } from "./io-errors.ts"

/** The names in a folder or in the folder a link leads to; empty when it is not a folder or may not be read. */
export function listDirOrEmpty(folder: DiskPath): string[] {
  try {
    return readdirSync(fsPath(folder), "utf8")
  } catch {
    return []
  }
}

/**
 * The names in a folder; empty when it does not exist. Throws a RescueError when it cannot be listed, or is a link to
 * a disk that is not mounted: its content is unknown, not empty.
 */
export function listDir(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw toReadError(error, folder)
    if (!exists(folder)) return []
    const hint = "mount its target, or remove the link to see the rest"
    throw new RescueError("UNSAFE_FOLDER", `${folder} is a link that leads nowhere`, hint)
  }
}

export interface DirInfo {
  readonly kind: "folder" | "missing" | "other"
  readonly mode: number
  readonly owner: number
  /** Whether files can be created in it; for a missing folder, in its nearest existing parent. */
  readonly writable: boolean
  /** Bytes this user may still write there; null where the system does not say. */
  readonly freeBytes: number | null
  /** Size of the disk in bytes; null where the system does not say. */
  readonly totalBytes: number | null
}

/** Examines a folder, following a link, without changing anything. */
export function inspectDir(path: string): DirInfo {
  const stat = statSync(path, { throwIfNoEntry: false })
  const place = stat === undefined ? nearestExisting(dirname(path)) : path
  return {
    kind: stat === undefined ? "missing" : stat.isDirectory() ? "folder" : "other",
    mode: (stat?.mode ?? 0) & 0o777,
    owner: stat?.uid ?? -1,
    writable: mayWrite(place),
    ...spaceIn(place),
  }
}

/** Whether this user may execute the file at this path. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function nearestExisting(path: string): string {
  return path === "/" || lstatSync(path, { throwIfNoEntry: false }) !== undefined
    ? path
    : nearestExisting(dirname(path))
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function spaceIn(path: string): Pick<DirInfo, "freeBytes" | "totalBytes"> {
  try {
    const { bavail, blocks, bsize } = statfsSync(path)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  } catch {
    return { freeBytes: null, totalBytes: null }
  }
}
