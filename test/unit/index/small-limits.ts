import { limits } from "../../../src/index/model/limits.ts"

const defaults = { ...limits }

/** What makes a line long, for a while, so that short ones go the way of those of many MB. */
export function setLimits(small: Partial<typeof limits>): void {
  Object.assign(limits, small)
}

export function resetLimits(): void {
  Object.assign(limits, defaults)
}
