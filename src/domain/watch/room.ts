const fullShare = 0.9

/** Whether unprocessed copies are about to keep sessions from being saved by themselves, or do so already. */
export function isNearlyUsedUp(takenBytes: number, maxBytes: number): boolean {
  return takenBytes >= maxBytes * fullShare
}
