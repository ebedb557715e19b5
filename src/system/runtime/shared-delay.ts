/**
 * One pause shared by all who ask: the second looks of a run happen after the same wait, so that together
 * they cost no more than one.
 */
export function sharedDelay(milliseconds: number): () => Promise<void> {
  let pause: Promise<void> | null = null
  return () => {
    pause ??= new Promise((resolve) => setTimeout(resolve, milliseconds))
    return pause
  }
}
