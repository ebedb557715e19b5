import type { SessionSight } from "./sight.ts"

/** Tokens that fit before the client compacts, or before nothing more fits; null when neither is known. */
function usableTokens({ window, compactsAt }: Pick<SessionSight, "window" | "compactsAt">): number | null {
  const known = [window, compactsAt].flatMap((limit) => (limit !== null && limit > 0 ? [limit] : []))
  return known.length === 0 ? null : Math.min(...known)
}

/** How much of the usable tokens is in use, as a share; null when one of the two is unknown: no share is made up. */
export function contextFill(sight: Pick<SessionSight, "tokens" | "window" | "compactsAt">): number | null {
  const usable = usableTokens(sight)
  return sight.tokens === null || usable === null ? null : sight.tokens / usable
}

/** The highest threshold that was reached; null below all of them. */
export function thresholdReached(fill: number | null, at: readonly number[]): number | null {
  return fill === null ? null : (at.filter((share) => fill >= share).at(-1) ?? null)
}
