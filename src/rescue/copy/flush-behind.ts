import { flushBeside } from "../../system/fs/async-io.ts"

/** Flushes a file while it is being written. */
export interface Flusher {
  /** All bytes up to `end` have been written. Ends when they are flushed, and what was before them is compared. */
  flush(end: number): Promise<void>
  leaveOff(): void
  settled(): Promise<unknown>
}

/**
 * `follow`: told how much is on the disk already, it ends when that has been compared. Writing and reading take turns:
 * a disk does each faster without the other, and hashing goes on during both.
 */
export function flushByStretches(fd: number, follow: (end: number) => Promise<void>): Flusher {
  let flushed = 0
  let off = false
  let flushing = Promise.resolve()
  return {
    async flush(end) {
      if (off) return
      // safety: stretch-flush
      flushing = flushBeside(fd)
      flushing.catch(() => {}) // heard below
      if (flushed > 0) await follow(flushed) // the disk answers while it flushes
      await flushing // safety: stretch-flush-failed
      flushed = end
    },
    leaveOff() {
      off = true
    },
    settled: () => flushing.catch(() => {}),
  }
}
