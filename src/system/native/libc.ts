/** C functions and kernel interfaces that neither Node nor Bun provides, loaded on first use; each has a fallback. */
import { type DiskPath, pathBytes } from "../../domain/disk-path.ts"

/** The few C functions that neither Node nor Bun provides. */
export interface LibcCalls {
  ioctl(fd: number, request: bigint, argument: Int32Array): number
  /** Renames unless the new name exists: 0, or −1 (the caller must then check whether it exists). */
  renameExclusive(from: DiskPath, to: DiskPath): number
  /** Exchanges two names atomically: 0, or −1 where the filesystem cannot. */
  exchange(one: DiskPath, other: DiskPath): number
  /** macOS: also flushes the drive's own cache, which its fsync does not. Elsewhere −1. */
  fullSync(fd: number): number
  /** Linux: writes everything on the file's filesystem to the disk: 0, or −1 when something failed. Elsewhere −1. */
  syncFilesystem(fd: number): number
}

let loaded: Promise<LibcCalls | null> | undefined

/** null when the C library cannot be loaded; callers must then do without. */
export function libcCalls(): Promise<LibcCalls | null> {
  loaded ??= load().catch(() => null)
  return loaded
}

const atWorkingFolder = -100
const renameNoReplace = 1 // safety: no-clobber-rename
const renameExchange = 2
const renameExclusive = 4
const fullSyncCommand = 51

async function load(): Promise<LibcCalls> {
  const { dlopen, ptr } = await import("bun:ffi")
  // passed as arrays, not as addresses: an address alone would not keep the bytes from being collected
  const bytes = (path: DiskPath) => Buffer.concat([pathBytes(path), Buffer.alloc(1)])
  const ioctl = { args: ["i32", "u64", "ptr"], returns: "i32" } as const
  if (process.platform === "darwin") {
    const library = dlopen("libSystem.B.dylib", {
      ioctl,
      renamex_np: { args: ["ptr", "ptr", "u32"], returns: "i32" },
      fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
    }).symbols
    return {
      // Apple's ARM64 ABI passes variadic arguments on the stack, which this call does not
      ioctl: (fd, request, argument) =>
        process.arch === "arm64" ? -1 : library.ioctl(fd, request, ptr(argument)),
      renameExclusive: (from, to) => library.renamex_np(bytes(from), bytes(to), renameExclusive),
      exchange: (one, other) => library.renamex_np(bytes(one), bytes(other), renameExchange),
      fullSync: (fd) => library.fcntl(fd, fullSyncCommand, 0),
      syncFilesystem: () => -1,
    }
  }
  const symbols = {
    ioctl,
    renameat2: { args: ["i32", "ptr", "i32", "ptr", "u32"], returns: "i32" },
    syncfs: { args: ["i32"], returns: "i32" },
  } as const
  const library = openLibc((name) => dlopen(name, symbols)).symbols
  return {
    ioctl: (fd, request, argument) => library.ioctl(fd, request, ptr(argument)),
    renameExclusive: (from, to) =>
      library.renameat2(atWorkingFolder, bytes(from), atWorkingFolder, bytes(to), renameNoReplace),
    exchange: (one, other) =>
      library.renameat2(atWorkingFolder, bytes(one), atWorkingFolder, bytes(other), renameExchange),
    fullSync: () => -1,
    syncFilesystem: (fd) => library.syncfs(fd),
  }
}

/** glibc, then musl on both processor families. */
const linuxLibraries = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"]

/** Opens the C library under the first of its names that exists. */
export function openLibc<T>(open: (name: string) => T): T {
  for (const name of linuxLibraries) {
    try {
      return open(name)
    } catch {
      // try the next one
    }
  }
  throw new Error("no C library found")
}
