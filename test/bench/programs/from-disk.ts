import { dlopen } from "bun:ffi"
import { closeSync, openSync, readFileSync } from "node:fs"

const dontNeed = 4
const library =
  process.platform === "linux"
    ? dlopen("libc.so.6", {
        posix_fadvise: { args: ["i32", "i64", "i64", "i32"], returns: "i32" },
      })
    : null

/** Reads a flushed file from the disk, not from the memory it was written from; elsewhere than on Linux as it comes. */
export function readFromDisk(path: string): Buffer {
  const fd = openSync(path, "r")
  try {
    library?.symbols.posix_fadvise(fd, 0n, 0n, dontNeed)
    return readFileSync(fd)
  } finally {
    closeSync(fd)
  }
}
