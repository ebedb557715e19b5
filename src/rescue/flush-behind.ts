import { flushBeside } from "../system/beside.ts"

/** Bytes a second. No disk that turns is faster, and one that turns should not be sent to and fro. */
const still = 300e6

/** Flushes a file while it is being written. */
export interface Flusher {
  /** All bytes up to `end` have been written; what comes next may be written meanwhile. */
  flush(end: number): Promise<void>
  leaveOff(): void
  end(): Promise<void>
  settled(): Promise<unknown>
}

/** `flushed` is told how much is on the disk already. */
export function flushByStretches(fd: number, flushed: (end: number) => void): Flusher {
  const begun = performance.now()
  let worthIt: boolean | undefined
  let flushing = Promise.resolve()
  return {
    async flush(end) {
      worthIt ??= end / (performance.now() - begun) > still / 1000
      if (!worthIt) return
      await flushing
      // safety: stretch-flush
      flushing = flushBeside(fd).then(() => {
        flushed(end)
      })
      flushing.catch(() => {}) // heard by whoever comes next
    },
    leaveOff() {
      worthIt = false
    },
    end: () => flushing, // safety: stretch-flush-failed
    settled: () => flushing.catch(() => {}),
  }
}
