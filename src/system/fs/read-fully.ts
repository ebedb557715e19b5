import { readSync } from "node:fs"

/** Fills `buffer` from `offset`; reads fewer bytes only at the end of the file. */
export function readFully(fd: number, buffer: Uint8Array, offset: number): number {
  let filled = 0
  while (filled < buffer.length) {
    const count = readSync(fd, buffer, filled, buffer.length - filled, offset + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}
