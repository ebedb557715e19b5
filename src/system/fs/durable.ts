import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeSync,
} from "node:fs"
import { dirname } from "node:path"
import type { DiskPath } from "../../domain/disk-path.ts"
import { errnoOf } from "../../domain/errors.ts"
import { libcCalls } from "../native/libc.ts"
import { fsPath } from "./files.ts"
import { giveFolderToHome, giveToHome } from "./home-owner.ts"

/** The writes, renames and unlinks that exports are made with; restoring adds those in exchange.ts. */

const privateFile = 0o600 // safety: private-file
const privateFolder = 0o700 // safety: private-folder

/**
 * Creates a folder and its missing parents, each 0700; with `flush`, each is flushed into its parent. false when one
 * could not be flushed.
 */
export function makeFolders(path: string, flush: boolean): boolean {
  const existing = lstatSync(path, { throwIfNoEntry: false })
  if (existing?.isDirectory() || existing?.isSymbolicLink()) return true
  const above = makeFolders(dirname(path), flush)
  makeFolder(path)
  return (!flush || flushFolder(dirname(path))) && above
}

/** Creates one folder, 0700; it is not an error if it already exists. */
export function makeFolder(path: DiskPath): void {
  try {
    mkdirSync(fsPath(path), privateFolder)
    giveFolderToHome(path)
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error
  }
}

/** Creates a file that must not exist, 0600 whatever the umask, open for reading and writing. */
export function createFile(path: DiskPath): number {
  // safety: new-file-only
  const fd = openSync(fsPath(path), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, privateFile)
  try {
    fchmodSync(fd, privateFile)
  } catch {
    // FAT has no modes and refuses; a umask can only have removed permissions
  }
  giveToHome(fd, path)
  return fd
}

/** Loops until everything is written (short writes are not errors). */
export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0
  // safety: write-on
  while (written < bytes.length) {
    const count = writeSync(fd, bytes, written, bytes.length - written, position + written)
    if (count <= 0) throw Object.assign(new Error("nothing was written"), { code: "EIO" })
    written += count
  }
}

/** Resolves once the data is on the disk. A failure is final for this file: a later successful flush proves nothing. */
export async function flushFile(fd: number): Promise<void> {
  if (process.platform === "darwin" && (await libcCalls())?.fullSync(fd) === 0) return
  fsyncSync(fd) // safety: file-fsync
}

/** false when the folder's entries could not be flushed: what was published in it may not survive a power cut. */
export function flushFolder(path: DiskPath): boolean {
  try {
    const fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      fsyncSync(fd) // safety: folder-fsync
    } finally {
      closeSync(fd)
    }
    return true
  } catch {
    return false // safety: fsync-refused
  }
}

export function closeFile(fd: number): void {
  closeSync(fd)
}

/** Gives a finished file its final name without ever replacing another file: "taken" when the name exists. */
export async function publishFile(from: DiskPath, to: DiskPath): Promise<"published" | "taken"> {
  try {
    linkSync(fsPath(from), fsPath(to)) // safety: no-clobber
    // safety: link-seen
    if (!isSameFile(from, to)) throw Object.assign(new Error("link did nothing"), { code: "EIO" })
    return "published"
  } catch (error) {
    if (isSameFile(from, to)) return "published" // network filesystems may report an error after success
    const code = errnoOf(error)
    if (code === "EEXIST") return "taken"
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL"].includes(code)) throw error
    return publishByRename(from, to, error)
  }
}

export function isSameFile(one: DiskPath, other: DiskPath): boolean {
  const number = fileKey(one)
  return number !== null && number === fileKey(other)
}

/**
 * Whether a rename took effect: a filesystem may report success without it. If the new name cannot be examined, the
 * rename is undone; a file that is not ours is not touched.
 */
function hasNewName(to: DiskPath, number: string | null, from: DiskPath): boolean {
  try {
    return number !== null && fileKey(to) === number // safety: rename-seen
  } catch {
    try {
      renameSync(fsPath(to), fsPath(from))
    } catch {
      // the rename had not happened
    }
    return false
  }
}

function fileKey(path: DiskPath): string | null {
  const stat = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`
}

/** Publishes on filesystems without hard links, by a rename that does not replace. */
async function publishByRename(
  from: DiskPath,
  to: DiskPath,
  linkError: unknown,
): Promise<"published" | "taken"> {
  const calls = await libcCalls()
  const before = fileKey(from)
  if (calls?.renameExclusive(from, to) === 0) {
    if (hasNewName(to, before, from)) return "published"
    throw linkError
  }
  if (fileKey(to) !== null) return "taken"
  throw linkError
}

/** Creates a hard link; false where that is not possible: another disk, or no hard links. */
export function hardlinkFile(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return isSameFile(from, to)
  } catch (error) {
    const refused = ["EXDEV", "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EINVAL", "EACCES"]
    if (refused.includes(errnoOf(error))) return false
    throw error
  }
}

/** The same for a folder; renaming onto a non-empty folder fails anyway. */
export function publishFolder(from: string, to: string): "published" | "taken" {
  // safety: no-clobber-folder
  if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) return "taken"
  const before = fileKey(from)
  try {
    renameSync(from, to)
    if (hasNewName(to, before, from)) return "published"
    throw Object.assign(new Error("the new name is not visible"), { code: "EIO" })
  } catch (error) {
    if (["EEXIST", "ENOTEMPTY", "ENOTDIR"].includes(errnoOf(error))) return "taken"
    throw error
  }
}

/** Renames a folder of our own to another temporary name. */
export function moveFolder(from: string, to: string): void {
  renameSync(from, to)
}

/** Replaces a small state file with a newer one. */
export function replaceFile(from: string, to: string): void {
  renameSync(from, to)
}

export function removeFile(path: DiskPath): void {
  unlinkSync(fsPath(path))
}

/** "gone" also when it did not exist; "kept" when it is not empty. */
export function removeEmptyFolder(path: DiskPath): "gone" | "kept" {
  try {
    rmdirSync(fsPath(path))
    return "gone"
  } catch (error) {
    const code = errnoOf(error)
    if (code === "ENOENT") return "gone"
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR") return "kept"
    throw error
  }
}

/**
 * Only for our own temporary files and folders; links inside are removed, not followed. What cannot be removed stays
 * under its temporary name for the next run to sweep: a failure here must not mask the original error.
 */
export function discard(path: DiskPath): void {
  try {
    rmSync(fsPath(path), { recursive: true, force: true })
  } catch {
    // swept by a later run
  }
}
