/** How far the writing of a copy has got, and the comparing that follows behind it. */
export interface Trail {
  /** Bytes up to `end` are on the disk. */
  flushed(end: number): void
  /** Nothing more will come. */
  giveUp(): void
  /** Once so much is on the disk; false when it never will be. */
  reaches(end: number): boolean | Promise<boolean>
  /** Bytes up to `end` have been compared. */
  compared(end: number): void
  /** Once so much has been compared. */
  follows(end: number): Promise<void>
}

export function startTrail(): Trail {
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
    giveUp() {
      over = true
      move()
    },
    reaches: (end) => end <= reached || wait(end), // safety: behind-the-writing
    compared(end) {
      behind = end
      if (behind >= reached) move()
    },
    async follows(end) {
      while (end > behind && !over) await moved.promise
    },
  }
}
