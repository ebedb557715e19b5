/**
 * Buffers that were read or decoded are outside the garbage collector's heap: it would let about a hundred megabytes
 * accumulate before it runs. Takes some milliseconds: call it every few megabytes, or every thousand small files.
 */
export function collectGarbage(): void {
  Bun.gc(true)
}

const collectEveryFiles = 1000

/** Returns a function to be called for each small file: it collects after every thousand. */
export function collectPeriodically(): () => void {
  let count = 0
  return () => {
    count++
    if (count % collectEveryFiles === 0) collectGarbage()
  }
}
