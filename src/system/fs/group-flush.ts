import { closeSync, constants, fstatSync, openSync, readFileSync, statfsSync } from "node:fs"
import { release } from "node:os"
import { MiB } from "../../domain/bytes.ts"
import { libcCalls } from "../native/libc.ts"
import { hasIoThread, syncAsync } from "./async-io.ts"
import { flushFile, flushFolder } from "./durable.ts"

/** Flushes many files of one filesystem at once: on a disk, most of a flush is the wait, not the data. */
export interface GroupFlush {
  /** Resolves once the data of the open files, and the names in the folders, are on the disk or have failed. */
  flush(files: readonly number[], folders?: readonly string[]): Promise<Flushed>
  close(): void
}

interface Flushed {
  /** The error of each file that could not be flushed, by descriptor. It is final for that file, as with `flushFile`. */
  readonly failed: ReadonlyMap<number, unknown>
  /** false: names in one of the folders may not survive a power cut. */
  readonly folders: boolean
}

/** Fewer are flushed one by one, which takes about as long and does not wait for the data of other programs. */
const minFiles = 8

/** A flush of the whole filesystem also waits for the data of other programs: with more than this, it is not used. */
const maxDirtyBytes = 256 * MiB

/**
 * Opened before the first write: `syncfs` reports what failed since then. `folder` is on the filesystem of the files;
 * they stay open until they are flushed, so that each can still be flushed by itself.
 */
export async function openGroupFlush(folder: string): Promise<GroupFlush> {
  const sync = await filesystemSync(folder)
  return {
    async flush(files, folders = []) {
      const whole = files.length >= minFiles && dirtyBytes() <= maxDirtyBytes && sync?.covers(files)
      if (whole && sync?.run()) return { failed: new Map(), folders: true } // safety: group-sync-failed
      const failed = await flushEach(files)
      const flushed = folders.map((each) => flushFolder(each)) // safety: group-folders
      return { failed, folders: !flushed.includes(false) }
    },
    close: () => sync?.close(),
  }
}

interface FilesystemSync {
  covers(files: readonly number[]): boolean
  /** false: something on this filesystem could not be written, perhaps a file of another program. */
  run(): boolean
  close(): void
}

/** null where `syncfs` does not exist, or does not prove that each file is on the disk. */
async function filesystemSync(folder: string): Promise<FilesystemSync | null> {
  if (process.platform !== "linux" || !reportsWriteErrors(release())) return null
  const calls = await libcCalls()
  if (calls === null) return null
  let fd: number
  try {
    if (!syncedKinds.has(statfsSync(folder).type)) return null // safety: group-sync-kinds
    fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch {
    return null // flushing each file works, or reports the error
  }
  const device = fstatSync(fd).dev
  return {
    covers: (files) => files.every((file) => fstatSync(file).dev === device), // safety: group-same-disk
    run: () => calls.syncFilesystem(fd) === 0,
    close: () => closeSync(fd),
  }
}

/**
 * ext2 to ext4, XFS, Btrfs, F2FS: their `syncfs` writes all data and flushes the drive. A FUSE server is not told of
 * it, and overlayfs does not report what its upper filesystem failed to write.
 */
const syncedKinds: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010])

/** Since Linux 5.8, `syncfs` reports data that could not be written since its descriptor was opened (man 2 syncfs). */
export function reportsWriteErrors(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map((part) => Number.parseInt(part, 10))
  return major > 5 || (major === 5 && minor >= 8)
}

/** Data in memory that is not yet on any disk. */
function dirtyBytes(): number {
  try {
    const sizes = readFileSync("/proc/meminfo", "latin1").matchAll(/^(?:Dirty|Writeback):\s+(\d+) kB$/gm)
    return [...sizes].reduce((sum, [, size]) => sum + Number(size) * 1024, 0)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

async function flushEach(files: readonly number[]): Promise<ReadonlyMap<number, unknown>> {
  const failed = new Map<number, unknown>()
  const several = files.length >= minFiles && process.platform === "linux" && (await hasIoThread())
  const flush = several ? syncAsync : flushFile // macOS flushes the drive's cache as well, which only `flushFile` does
  const flushOne = (file: number) => flush(file).catch((error) => void failed.set(file, error)) // safety: group-each-failed
  if (several) await Promise.all(files.map(flushOne))
  else for (const file of files) await flushOne(file)
  return failed
}
