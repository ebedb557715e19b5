import { constants } from "node:fs"
import { openLibc } from "./libc.ts"

/** Advice to the kernel about the cached pages of an open file. Nothing depends on it being followed. */
export interface PageCache {
  /** Starts writing a range to the disk without waiting: the flush at the end then has little left to do. */
  startWriting(fd: number, from: number, length: number): void
  /**
   * Evicts a flushed file from the page cache, so that reading it again comes from the disk and not from the memory
   * it was written from. Where this has no effect (macOS, tmpfs), reads come from memory.
   */
  forget(fd: number): void
  /**
   * The same for a file that may not be flushed: its data is written out first, which makes it no more durable (no
   * journal, no flush of the drive) and is much cheaper. false where that is not possible: nothing was evicted.
   */
  writeOutAndForget(fd: number): boolean
  /**
   * Turns direct I/O for this file on or off: reads and writes transfer between the caller's memory and the disk
   * without the page cache, which takes half the time. They must then be in whole `directUnit`s, in the file and in
   * memory, or they fail with EINVAL. false where direct I/O is not available.
   */
  bypass(fd: number, how: "on" | "off"): boolean
}

/** No disk in use has larger sectors, and no processor smaller pages. */
export const directUnit = 4096

const sequential = 2
const dontNeed = 4
const startWrite = 2
const writeAndWait = 1 | 2 | 4
const setFlags = 4

const none: PageCache = {
  startWriting() {},
  forget() {},
  writeOutAndForget: () => false,
  bypass: () => false,
}

let loaded: Promise<PageCache> | undefined

export function pageCache(): Promise<PageCache> {
  loaded ??= process.platform === "linux" ? load().catch(() => none) : Promise.resolve(none)
  return loaded
}

async function load(): Promise<PageCache> {
  const { dlopen } = await import("bun:ffi")
  const symbols = {
    posix_fadvise: { args: ["i32", "i64", "i64", "i32"], returns: "i32" },
    sync_file_range: { args: ["i32", "i64", "i64", "u32"], returns: "i32" },
    fcntl: { args: ["i32", "i32", "i64"], returns: "i32" },
  } as const
  const { posix_fadvise, sync_file_range, fcntl } = openLibc((name) => dlopen(name, symbols)).symbols
  const forget = (fd: number) => {
    posix_fadvise(fd, 0n, 0n, dontNeed)
    posix_fadvise(fd, 0n, 0n, sequential) // it will be read from beginning to end
  }
  return {
    startWriting: (fd, from, length) => void sync_file_range(fd, BigInt(from), BigInt(length), startWrite),
    forget,
    writeOutAndForget(fd) {
      if (sync_file_range(fd, 0n, 0n, writeAndWait) !== 0) return false
      forget(fd)
      return true
    },
    bypass: (fd, how) => fcntl(fd, setFlags, how === "on" ? BigInt(constants.O_DIRECT) : 0n) === 0,
  }
}
