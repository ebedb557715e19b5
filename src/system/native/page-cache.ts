import { constants } from "node:fs"
import { openLibc } from "./libc.ts"

/** What a program may ask of the kernel about the pages of an open file. Advice only: nothing depends on it. */
export interface PageCache {
  /** Begins to write a stretch to the disk, without waiting: the flush at the end then finds little left. */
  startWriting(fd: number, from: number, length: number): void
  /**
   * Lets the kernel forget what it holds of a flushed file, so that reading it again asks the disk and not the
   * memory it was written from. Where that is not taken (macOS, tmpfs), reading shows the memory.
   */
  forget(fd: number): void
  /**
   * From now on reads and writes of this file go between the caller's memory and the disk, past the kernel's, which
   * takes half the time; `off` ends that. They must then be in whole `directUnit`s, in the file and in memory, or
   * they fail with EINVAL. false where that cannot be had.
   */
  bypass(fd: number, how: "on" | "off"): boolean
}

/** No disk in use has larger sectors, no processor smaller pages. */
export const directUnit = 4096

const sequential = 2
const dontNeed = 4
const startWrite = 2
const setFlags = 4

const none: PageCache = { startWriting() {}, forget() {}, bypass: () => false }

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
  return {
    startWriting: (fd, from, length) => void sync_file_range(fd, BigInt(from), BigInt(length), startWrite),
    forget(fd) {
      posix_fadvise(fd, 0n, 0n, dontNeed)
      posix_fadvise(fd, 0n, 0n, sequential) // it will be read from its beginning to its end
    },
    bypass: (fd, how) => fcntl(fd, setFlags, how === "on" ? BigInt(constants.O_DIRECT) : 0n) === 0,
  }
}
