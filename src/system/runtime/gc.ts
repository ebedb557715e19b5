/**
 * What was read or decoded a moment ago lies outside of the collector's own memory, and it would let a hundred
 * megabytes of it gather before it looks. Takes some milliseconds: to be called every so many megabytes, or every
 * thousand small files.
 */
export function collectGarbage(): void {
  Bun.gc(true)
}

const collectEveryFiles = 1000

/** To be called for each of what may be thousands of small files: collects after every thousand. */
export function collectPeriodically(): () => void {
  let count = 0
  return () => {
    count++
    if (count % collectEveryFiles === 0) collectGarbage()
  }
}
