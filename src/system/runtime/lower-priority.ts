import { constants, setPriority } from "node:os"

/** Whoever sits at the machine goes first. */
export function lowerPriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // a system that knows no such thing, or forbids it
  }
}
