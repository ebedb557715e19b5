import { ftruncateSync } from "node:fs"
import { MiB } from "../../domain/bytes.ts"

/** FICLONE (man 2 ioctl_ficlone): the target shares the source's blocks until one of them is changed. */
const cloneRequest = 0x40049409n
/** Below this size a plain copy is as fast. */
const minCloneBytes = 4 * MiB

let loaded: Promise<((to: number, from: number) => boolean) | null> | undefined

/**
 * Makes an empty open file a clone of another file's first `length` bytes, instantly and without using space, where
 * the filesystem supports it (XFS, Btrfs). false when it does not, and the file is still empty. Not on macOS: APFS
 * clones only by name.
 */
export async function cloneInto(to: number, from: number, length: number): Promise<boolean> {
  if (process.platform !== "linux" || length < minCloneBytes) return false
  loaded ??= load().catch(() => null)
  const clone = await loaded
  if (clone === null || !clone(to, from)) return false
  // safety: clone-length
  ftruncateSync(to, length) // it may have grown since its length was taken
  return true
}

async function load(): Promise<(to: number, from: number) => boolean> {
  const { dlopen } = await import("bun:ffi")
  const { openLibc } = await import("./libc.ts")
  const symbols = { ioctl: { args: ["i32", "u64", "i64"], returns: "i32" } } as const
  const { ioctl } = openLibc((name) => dlopen(name, symbols)).symbols
  return (to, from) => ioctl(to, cloneRequest, BigInt(from)) === 0
}
