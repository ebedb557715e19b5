/** Bytes to copy, and what happens to them on their way. */
import { closeSync, openSync, statfsSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"

/** No two pages of it are alike. */
export function numbered(length: number): Buffer {
  const bytes = Buffer.alloc(length, "session rescue ")
  for (let at = 0; at + 4 <= length; at += 4096) bytes.writeUInt32LE(at, at)
  return bytes
}

/** How many bytes were changed. */
export function poke(path: string, at: number, text: string): number {
  const fd = openSync(path, "r+")
  try {
    return writeSync(fd, text, at)
  } finally {
    closeSync(fd)
  }
}

const ramDisk = 0x01021994
/** Whether the kernel's memory can be bypassed here. */
export const onDisk = process.platform === "linux" && statfsSync(tmpdir()).type !== ramDisk
if (!onDisk) console.error("NOT TESTED HERE: bypassing the kernel's memory (it takes Linux, and a real disk)")
