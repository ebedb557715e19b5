/** Reads, writes and flushes that go on beside the program. The file must stay open until they have come to their end. */
import { fdatasync, read, stat, write } from "node:fs"

const threadTimeoutMs = 2000
let threadAvailable: Promise<boolean> | undefined
let waiting = false

/**
 * Whether there is a thread for it. Where none is to be had (ulimit -u), what is begun would never come to its end,
 * without a word; one that is there stays.
 */
export function hasIoThread(): Promise<boolean> {
  threadAvailable ??= new Promise((resolve) => {
    waiting = true
    const late = setTimeout(resolve, threadTimeoutMs, false)
    stat("/", () => {
      waiting = false
      clearTimeout(late)
      resolve(true)
    })
  })
  return threadAvailable
}

/** The program would wait for that thread at its end, for ever. */
export function hasStuckThread(): boolean {
  return waiting
}

/** How many bytes were written, which may be fewer than were given. */
export function writeAsync(fd: number, bytes: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, offset, (error, count) => (error ? reject(error) : resolve(count)))
  })
}

/** How many bytes were read, which may be fewer than there was room for. */
export function readAsync(fd: number, room: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, room, 0, room.length, offset, (error, count) => (error ? reject(error) : resolve(count)))
  })
}

/** Until what was written so far is on the disk itself; a failure is final, as that of `flushFile`. */
export function flushAsync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error ? reject(error) : resolve()))
  })
}
