/** Asynchronous file I/O on the runtime's thread pool. The file must stay open until the operation has finished. */
import { fdatasync, fsync, read, stat, write } from "node:fs"

const threadTimeoutMs = 2000
let threadAvailable: Promise<boolean> | undefined
let waiting = false

/**
 * Whether an I/O thread is available. Without one (`ulimit -u`), operations would silently never finish; once started,
 * a thread stays.
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

/** Whether a thread never answered: at exit, the runtime would wait for it indefinitely. */
export function hasStuckThread(): boolean {
  return waiting
}

/** Returns the number of bytes written, which may be fewer than given. */
export function writeAsync(fd: number, bytes: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, 0, bytes.length, offset, (error, count) => (error ? reject(error) : resolve(count)))
  })
}

/** Returns the number of bytes read, which may be fewer than the buffer holds. */
export function readAsync(fd: number, buffer: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, offset, (error, count) => (error ? reject(error) : resolve(count)))
  })
}

/** Resolves once everything written so far is on the disk; a failure is final, as with `flushFile`. */
export function flushAsync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => (error ? reject(error) : resolve()))
  })
}

/** The same with the file's metadata, as `flushFile` does. */
export function syncAsync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fsync(fd, (error) => (error ? reject(error) : resolve()))
  })
}
