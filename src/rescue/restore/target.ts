import { type BigIntStats, lstatSync, realpathSync } from "node:fs"
import { type DiskPath, joinPath, showPath } from "../../domain/disk-path.ts"
import { errnoOf } from "../../domain/errors.ts"
import { safePathParts } from "../../domain/export/recorded-path.ts"
import { fsPath } from "../../system/fs/files.ts"
import { toReadError } from "../../system/fs/io-errors.ts"

/** The path of an export's file on this disk, and what exists there now. */
export interface Target {
  readonly path: DiskPath
  /** The folders above the path, outermost first; some may not exist yet. */
  readonly folders: readonly DiskPath[]
  /** The plain file at this path now. */
  readonly present: BigIntStats | null
  /** Whether a link is at this path now. */
  readonly isLink: boolean
  /** Why this path must not be touched: a link above it, or a folder or FIFO in its place. */
  readonly obstacle: string | null
}

/**
 * Examines a path below a folder. No link above it is followed, except first-level folders named in `followed` (a
 * client's `projects` may be on another disk).
 */
export function targetBelow(root: DiskPath, place: DiskPath, followed: readonly string[]): Target {
  const parts = safePathParts(place)
  if (parts === null) throw new Error(`no place below a folder: ${showPath(place)}`)
  let path = root
  const folders = [root]
  let obstacle: string | null = null
  for (const [level, part] of parts.slice(0, -1).entries()) {
    path = joinPath(path, part)
    const stat = statTarget(path)
    if (stat?.isSymbolicLink() && level === 0 && typeof part === "string" && followed.includes(part)) {
      path = realFolder(path) ?? path
    }
    folders.push(path)
    const now = statTarget(path)
    if (now === undefined || now.isDirectory()) continue // safety: restore-no-links
    obstacle = `${showPath(path)} is ${now.isSymbolicLink() ? "a link, and none is followed there" : "not a folder"}`
    break
  }
  const last = joinPath(obstacle === null ? path : joinRest(root, parts), parts.at(-1) ?? "")
  const present = obstacle === null ? statTarget(last) : undefined
  const isLink = present?.isSymbolicLink() === true
  if (present !== undefined && !present.isFile()) {
    obstacle = `${showPath(last)} is ${isLink ? "a link" : present.isDirectory() ? "a folder" : "not a plain file"}`
  }
  return { path: last, folders, present: present?.isFile() ? present : null, isLink, obstacle }
}

function joinRest(root: DiskPath, parts: readonly DiskPath[]): DiskPath {
  return parts.slice(0, -1).reduce(joinPath, root)
}

/** The folder a link leads to; null when it leads to none. */
function realFolder(path: DiskPath): string | null {
  try {
    const real = realpathSync(fsPath(path))
    return lstatSync(real).isDirectory() ? real : null
  } catch {
    return null
  }
}

export function statTarget(path: DiskPath): BigIntStats | undefined {
  try {
    return lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false })
  } catch (error) {
    if (errnoOf(error) === "ENOTDIR") return undefined
    throw toReadError(error, path)
  }
}
