/**
 * What was read or decoded a moment ago lies outside of the collector's own memory, and it would let a hundred
 * megabytes of it gather before it looks. Takes some milliseconds: to be called every so many megabytes, or every
 * thousand small files.
 */
export function collectGarbage(): void {
  Bun.gc(true)
}
