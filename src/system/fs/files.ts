/** Files and folders: reading, durable writing, and checks of ownership and permissions. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
} from "node:fs"
import { MiB } from "../../domain/bytes.ts"
import { type DiskPath, diskPath } from "../../domain/disk-path.ts"
import { errnoOf } from "../../domain/errors.ts"
import type { FileStat } from "../../domain/session/file-stat.ts"
import { collectGarbage } from "../runtime/gc.ts"
import { readFully } from "./read-fully.ts"

export type { FileStat }

/** Read-only file access. Missing files give null or an empty list; unreadable ones are also reported. */
export interface Files {
  /** The names in a folder; empty when it does not exist. */
  names(folder: DiskPath): DiskPath[]
  /** Examines the path itself, without following a link. */
  stat(path: DiskPath): FileStat | null
  /** The final target of a chain of links; null when there is none. */
  real(path: string): string | null
  linkTarget(path: DiskPath): DiskPath | null
  /** Up to `length` bytes from `offset` of a regular file, fewer at its end; null when it cannot be read. */
  read(path: DiskPath, offset: number, length: number): Uint8Array | null
  /** Opens a regular file for several reads and closes it; null when it cannot be opened. What `use` throws is thrown. */
  open<T>(path: DiskPath, use: (file: OpenFile) => T): T | null
  /** A small file as text; null when it is missing, unreadable, not regular, or above `limit` bytes. */
  text(path: DiskPath, limit: number): string | null
  /** The same without reporting unreadable files: for searches that no session's bytes depend on. */
  readonly quiet: Files
}

/** A file that is open for the duration of a call. */
export interface OpenFile {
  stat(): FileStat
  /** Up to `length` bytes from `offset`, fewer at the end; valid until the next read. null when it cannot be read. */
  read(offset: number, length: number): Uint8Array | null
}

type ReadErrorListener = (path: DiskPath, error: Error) => void
const listeners = new WeakMap<Files, ReadErrorListener>()

/** Reports to the listener of `files` that another process could not read a file. */
export function reportReadError(files: Files, path: DiskPath, error: Error): void {
  listeners.get(files)?.(path, error)
}

/** `onTrouble` is called for every file that exists but cannot be read. */
export function systemFiles(onTrouble: ReadErrorListener): Files {
  function guarded<T>(path: DiskPath, otherwise: T, look: () => T): T {
    try {
      return look()
    } catch (error) {
      if (!isAbsence(error)) onTrouble(path, error as Error)
      return otherwise
    }
  }
  function read(path: DiskPath, offset: number, length: number): Uint8Array | null {
    return guarded(path, null, () => readRegular(path, offset, length))
  }
  const files: Files = {
    names: (folder) => guarded(folder, [], () => readNames(folder)),
    stat(path) {
      // called thousands of times: avoids creating a closure for each call
      try {
        return statOf(path)
      } catch (error) {
        if (!isAbsence(error)) onTrouble(path, error as Error)
        return null
      }
    },
    real: (path) => guarded(path, null, () => realpathSync(path)),
    linkTarget: (path) => guarded(path, null, () => readLink(path)),
    read,
    open(path, use) {
      const fd = guarded(path, null, () => openRegular(path))
      if (fd === null) return null
      try {
        return use({
          stat: () => toFileStat(fstatSync(fd)),
          read: (offset, length) => guarded(path, null, () => readShared(fd, offset, length)),
        })
      } finally {
        closeSync(fd)
      }
    },
    text(path, limit) {
      const look = guarded(path, null, () => statOf(path))
      if (look === null || look.size > limit) return null
      const bytes = read(path, 0, limit)
      return bytes === null ? null : new TextDecoder().decode(bytes)
    },
    get quiet() {
      return silent
    },
  }
  listeners.set(files, onTrouble)
  return files
}

const silent = systemFiles(() => {})

/** The target of a link, as bytes if it is not UTF-8; throws when there is no link. */
export function readLink(path: DiskPath): DiskPath {
  return diskPath(readlinkSync(fsPath(path), "buffer"))
}

/** Node's file functions require a Buffer, not just any byte array. */
export function fsPath(path: DiskPath): string | Buffer {
  return typeof path === "string" ? path : Buffer.from(path.buffer, path.byteOffset, path.byteLength)
}

function readNames(folder: DiskPath): DiskPath[] {
  const names = readdirSync(fsPath(folder), "utf8") as string[]
  if (!names.some((name) => name.includes("\uFFFD"))) return names
  // some name is not UTF-8 (or holds a real U+FFFD): only its bytes can open it
  return (readdirSync(fsPath(folder), { encoding: "buffer" }) as Buffer[]).map(diskPath)
}

const kinds = new Map<number, FileStat["kind"]>([
  [constants.S_IFREG, "file"],
  [constants.S_IFDIR, "folder"],
  [constants.S_IFLNK, "link"],
])

/** What lstat leaves behind adds up to more than what is kept of it. */
const collectEvery = 16_384
let stats = 0

function statOf(path: DiskPath): FileStat | null {
  if (++stats % collectEvery === 0) collectGarbage()
  const stat = lstatSync(fsPath(path), { throwIfNoEntry: false })
  return stat === undefined ? null : toFileStat(stat)
}

function toFileStat(stat: Stats): FileStat {
  return {
    kind: kinds.get(stat.mode & constants.S_IFMT) ?? "other",
    size: stat.size,
    modifiedAt: stat.mtimeMs,
    changedAt: stat.ctimeMs,
    device: stat.dev,
    inode: stat.ino,
    owner: stat.uid,
  }
}

/** A read of this size would double the memory in use if the buffer of the previous one were not collected first. */
const gcThresholdBytes = 16 * MiB

function readRegular(path: DiskPath, offset: number, length: number): Uint8Array | null {
  const fd = openRegular(path)
  if (fd === null) return null
  try {
    return readNew(fd, offset, length)
  } finally {
    closeSync(fd)
  }
}

/** O_NONBLOCK: opening a FIFO must not wait for a writer. */
function openRegular(path: DiskPath): number | null {
  const fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_NONBLOCK)
  if (fstatSync(fd).isFile()) return fd
  closeSync(fd)
  return null
}

function readNew(fd: number, offset: number, length: number): Uint8Array {
  const count = Math.max(0, Math.min(length, fstatSync(fd).size - offset))
  if (count >= gcThresholdBytes) collectGarbage()
  const bytes = Buffer.allocUnsafe(count)
  return bytes.subarray(0, readFully(fd, bytes, offset))
}

/** Reads of open files up to this size share a buffer: fresh memory costs more than reading into it. */
const sharedBytes = 2 * MiB
let shared: Buffer | null = null

function readShared(fd: number, offset: number, length: number): Uint8Array {
  if (length > sharedBytes) return readNew(fd, offset, length)
  shared ??= Buffer.allocUnsafeSlow(sharedBytes)
  const bytes = shared.subarray(0, Math.max(0, length))
  return bytes.subarray(0, readFully(fd, bytes, offset))
}

/** Whether the path exists, even as a dangling link. Throws when that cannot be determined. */
export function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function isAbsence(error: unknown): boolean {
  const code = errnoOf(error)
  return code === "ENOENT" || code === "ENOTDIR"
}
