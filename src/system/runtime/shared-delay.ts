/**
 * One delay shared by all callers: the second samples of a run all happen after the same wait, so that together they
 * take no longer than one.
 */
export function sharedDelay(milliseconds: number): () => Promise<void> {
  let pause: Promise<void> | null = null
  return () => {
    pause ??= new Promise((resolve) => setTimeout(resolve, milliseconds))
    return pause
  }
}
