/** Write and compare cursors of a copy; comparing trails writing. */
export interface CopyCursors {
  /** Bytes up to `end` are on the disk. */
  flushed(end: number): void
  /** No more bytes will be flushed. */
  abort(): void
  /** Resolves once the bytes up to `end` are on the disk; false when they never will be. */
  untilFlushed(end: number): boolean | Promise<boolean>
  /** Bytes up to `end` have been compared. */
  compared(end: number): void
  /** Resolves once the bytes up to `end` have been compared. */
  untilCompared(end: number): Promise<void>
}

export function startCursors(): CopyCursors {
  let reached = 0
  let behind = 0
  let over = false
  let moved = Promise.withResolvers<void>()
  const move = () => {
    moved.resolve()
    moved = Promise.withResolvers()
  }
  async function wait(end: number): Promise<boolean> {
    while (end > reached && !over) await moved.promise
    return end <= reached
  }
  return {
    flushed(end) {
      reached = end
      move()
    },
    abort() {
      over = true
      move()
    },
    untilFlushed: (end) => end <= reached || wait(end), // safety: behind-the-writing
    compared(end) {
      behind = end
      if (behind >= reached) move()
    },
    async untilCompared(end) {
      while (end > behind && !over) await moved.promise
    },
  }
}
