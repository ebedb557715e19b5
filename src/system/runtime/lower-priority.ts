import { constants, setPriority } from "node:os"

/** Gives interactive programs on this machine precedence. */
export function lowerPriority(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // not supported or not permitted here
  }
}
