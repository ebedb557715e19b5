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

/** Every write, rename and unlink of this program is one of these. */

const privateFile = 0o600 // safety: private-file
const privateFolder = 0o700 // safety: private-folder

/**
 * Makes a folder and what is missing above it, each 0700; `flush` each into its parent. false when one could not
 * be flushed.
 */
export function makeFolders(path: string, flush: boolean): boolean {
  const existing = lstatSync(path, { throwIfNoEntry: false })
  if (existing?.isDirectory() || existing?.isSymbolicLink()) return true
  const above = makeFolders(dirname(path), flush)
  makeFolder(path)
  return (!flush || flushFolder(dirname(path))) && above
}

/** Makes one folder, 0700; it is no error if somebody else makes it at the same moment. */
export function makeFolder(path: DiskPath): void {
  try {
    mkdirSync(fsPath(path), privateFolder)
    giveFolderToHome(path)
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error
  }
}

/** Creates a file that did not exist, 0600 whatever the umask, open for writing. */
export function createFile(path: DiskPath): number {
  // safety: new-file-only
  const fd = openSync(fsPath(path), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, privateFile)
  try {
    fchmodSync(fd, privateFile)
  } catch {
    // FAT knows no modes and refuses; a umask can only have made it narrower
  }
  giveToHome(fd, path)
  return fd
}

/** Short writes are reported by a count, not by an error: goes on until all is written. */
export function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0
  // safety: write-on
  while (written < bytes.length) {
    const count = writeSync(fd, bytes, written, bytes.length - written, position + written)
    if (count <= 0) throw Object.assign(new Error("nothing was written"), { code: "EIO" })
    written += count
  }
}

/** Until the data is on the disk itself. A failure is final for this file: never flush it again and believe it. */
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

/** Gives a finished file its name without ever replacing another: "taken" when the name exists. */
export async function publishFile(from: DiskPath, to: DiskPath): Promise<"published" | "taken"> {
  try {
    linkSync(fsPath(from), fsPath(to)) // safety: no-clobber
    // safety: link-seen
    if (!isSameFile(from, to)) throw Object.assign(new Error("link did nothing"), { code: "EIO" })
    return "published"
  } catch (error) {
    if (isSameFile(from, to)) return "published" // a network disk may report what it has done as an error
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
 * A disk may claim to have given a name without having done so. A name that cannot be looked at may have been given
 * and must not stay behind; one that is somebody else's is left alone.
 */
function hasNewName(to: DiskPath, number: string | null, from: DiskPath): boolean {
  try {
    return number !== null && fileKey(to) === number // safety: rename-seen
  } catch {
    try {
      renameSync(fsPath(to), fsPath(from))
    } catch {
      // it was not given
    }
    return false
  }
}

function fileKey(path: DiskPath): string | null {
  const stat = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`
}

/** For filesystems without hard links. */
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

/** Gives a file a second name; false where that cannot be had: another disk, or one without hard links. */
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

/** The same for a folder; renaming onto a folder that holds anything fails by itself. */
export function publishFolder(from: string, to: string): "published" | "taken" {
  // safety: no-clobber-folder
  if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) return "taken"
  const before = fileKey(from)
  try {
    renameSync(from, to)
    if (hasNewName(to, before, from)) return "published"
    throw Object.assign(new Error("the new name was not to be seen"), { code: "EIO" })
  } catch (error) {
    if (["EEXIST", "ENOTEMPTY", "ENOTDIR"].includes(errnoOf(error))) return "taken"
    throw error
  }
}

/** Gives a folder of our own another temporary name. */
export function moveFolder(from: string, to: string): void {
  renameSync(from, to)
}

/** A small file of state takes the place of the one before it. */
export function replaceFile(from: string, to: string): void {
  renameSync(from, to)
}

export function removeFile(path: DiskPath): void {
  unlinkSync(fsPath(path))
}

/** "gone" also when there was none; "kept" when something is in it. */
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
 * For temporary files and trees of our own only; links in it are removed, not followed. What cannot be removed
 * stays, under its temporary name, for the next run to sweep: it must not hide the error that led here.
 */
export function discard(path: DiskPath): void {
  try {
    rmSync(fsPath(path), { recursive: true, force: true })
  } catch {
    // swept later
  }
}
