/** Reads and writes that go on beside the program. The file must stay open until they have come to their end. */
import { read, write } from "node:fs"

/** How many bytes were written, which may be fewer than were given. */
export function writeBeside(fd: number, bytes: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, offset, (error, count) => (error ? reject(error) : resolve(count)))
  })
}

/** How many bytes were read, which may be fewer than there was room for. */
export function readBeside(fd: number, room: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, room, 0, room.length, offset, (error, count) => (error ? reject(error) : resolve(count)))
  })
}
