/** Bytes to copy, and what happens to them on their way. */
import { createHash } from "node:crypto"
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from "node:fs"

/** No two pages of it are alike. */
export function numbered(length: number): Buffer {
  const bytes = Buffer.alloc(length, "session rescue ")
  for (let at = 0; at + 4 <= length; at += 4096) bytes.writeUInt32LE(at, at)
  return bytes
}

/** How many bytes were changed. */
export function overwriteBytes(path: string, at: number, text: string): number {
  const fd = openSync(path, "r+")
  try {
    return writeSync(fd, text, at)
  } finally {
    closeSync(fd)
  }
}

export const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex")

const codeOf = (error: unknown) => (error as { code?: string }).code
/** The code of the error it ends with. */
export const failing = (promise: Promise<unknown>) => promise.then(() => "no error", codeOf)

/** Files below a folder that this process holds open. */
export function stillOpen(folder: string): string[] {
  const open = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return "" // the folder that was being read
    }
  })
  return open.filter((path) => path.startsWith(folder))
}
