import type { Session } from "../session/session.ts"

/**
 * How full the context is, in per cent as the client's status line counts it: what was sent to the model, without its
 * answer, of the model's window. null when one of the two is unknown.
 */
export function contextPercent(
  session: Pick<Session, "contextTokens" | "contextInputTokens" | "contextWindow">,
): number | null {
  const tokens = session.contextInputTokens ?? session.contextTokens
  const window = session.contextWindow ?? null
  if (tokens === null || window === null || window <= 0) return null
  return Math.min(100, Math.round((tokens / window) * 100))
}
