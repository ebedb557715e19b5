/** Shared I/O of the rescue: source files, checksums, locks and owner tags. */
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync } from "node:fs"
import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { FileStore } from "../../domain/session/session.ts"
import { fsPath } from "../../system/fs/files.ts"
import { toSourceError } from "./source-errors.ts"

/** A regular file held open for reading, with its state when it was opened. */
export interface SourceFile {
  readonly path: DiskPath
  readonly fd: number
  readonly length: number
  readonly device: bigint
  readonly inode: bigint
  readonly modifiedAt: Date
  /** Time of the last change (ctime), in nanoseconds: the only difference after a rewrite of the same length. */
  readonly changedAt: bigint
  /** Any later change has a later `changedAt`: this one is not so recent that the clock could show the same time. */
  readonly isSettled: boolean
  readonly store: FileStore | null
}

/** The clock that files are stamped with advances every 10 ms or more often. */
const maxClockStepMs = 50
const nsPerMs = 1_000_000n

/** A filesystem may hold times outside the range of `Date`: they must not stop an export. */
const maxDateMs = 8.64e15

/** Opens without following a link and without blocking on a FIFO. */
export function openSource(path: DiskPath, store: FileStore | null = null): SourceFile {
  let fd: number
  const openedAt = Date.now()
  try {
    // safety: no-follow
    fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    throw toSourceError(error, path)
  }
  try {
    const stat = fstatSync(fd, { bigint: true })
    // safety: plain-file
    if (!stat.isFile()) {
      const message = `${showPath(path)} is not a plain file`
      throw new RescueError("SOURCE_NOT_REGULAR", message, "nothing of it can be saved")
    }
    const { dev: device, ino: inode, ctimeNs: changedAt } = stat
    const hasFractions = changedAt % 1_000_000_000n !== 0n // else the clock may step in whole seconds
    const isSettled = hasFractions && openedAt - Number(changedAt / nsPerMs) > maxClockStepMs // safety: settled
    const length = Number(stat.size)
    return { path, fd, length, device, inode, modifiedAt: writtenAt(stat), changedAt, isSettled, store }
  } catch (error) {
    closeSync(fd)
    throw toSourceError(error, path)
  }
}

function writtenAt({ mtimeMs }: { readonly mtimeMs: bigint }): Date {
  return new Date(Math.max(-maxDateMs, Math.min(maxDateMs, Number(mtimeMs))))
}

export function closeSource(source: SourceFile): void {
  closeSync(source.fd)
}

/** Compares the file now at this path with the open one. One that is written whole must not have been written at all. */
export type SourceChange = "same" | "shrunk" | "rewritten" | "replaced" | "vanished"

export function detectChange(source: SourceFile): SourceChange {
  try {
    const held = fstatSync(source.fd, { bigint: true })
    const named = lstatSync(fsPath(source.path), { bigint: true, throwIfNoEntry: false })
    const isOther = named !== undefined && (named.dev !== source.device || named.ino !== source.inode)
    if (isOther) return "replaced" // safety: source-replaced
    if (Number(held.size) < source.length) return "shrunk" // safety: source-shrunk
    if (source.store === "rewritten" && !isAsOpened(source, held)) return "rewritten" // safety: source-rewritten
    return named === undefined ? "vanished" : "same"
  } catch (error) {
    throw toSourceError(error, source.path)
  }
}

/** Bytes that were added count as well: a part of one writing and a part of the next are no state of the file. */
function isAsOpened({ length, modifiedAt, changedAt }: SourceFile, held: BigIntStats): boolean {
  if (Number(held.size) !== length) return false
  // deleting the file changes its ctime, but not what is in it
  const isDeleted = held.nlink === 0n && writtenAt(held).getTime() === modifiedAt.getTime()
  return held.ctimeNs === changedAt || isDeleted
}

/** Whether the open file was written to since it was opened. */
export function wasWritten(source: SourceFile): boolean {
  try {
    const held = fstatSync(source.fd, { bigint: true })
    return Number(held.size) !== source.length || writtenAt(held).getTime() !== source.modifiedAt.getTime()
  } catch (error) {
    throw toSourceError(error, source.path)
  }
}
