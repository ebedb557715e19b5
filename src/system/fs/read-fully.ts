import { readSync } from "node:fs"

/** Fills `room` from `offset`; reads fewer bytes only at the end of the file. */
export function readFully(fd: number, room: Uint8Array, offset: number): number {
  let filled = 0
  while (filled < room.length) {
    const count = readSync(fd, room, filled, room.length - filled, offset + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}
