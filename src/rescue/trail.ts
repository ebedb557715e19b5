/** How far the writing of a copy has got, for the comparing that follows behind it. */
export interface Trail {
  /** Bytes up to `end` are on the disk. */
  flushed(end: number): void
  /** Nothing more will come. */
  giveUp(): void
  /** Once so much is on the disk; false when it never will be. */
  reaches(end: number): boolean | Promise<boolean>
}

export function startTrail(): Trail {
  let reached = 0
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
  }
}
