import { type Context, day } from "session-rescue"

/** The client's default for `cleanupPeriodDays` (public documentation). */
const defaultDays = 30

/**
 * How long the client of a home keeps transcripts, in milliseconds; it deletes older ones whenever it starts.
 */
export function retention(ctx: Context, home: string): number {
  const text = ctx.files.text(`${home}/settings.json`, 4 << 20)
  try {
    const days = (JSON.parse(text ?? "{}") as { cleanupPeriodDays?: unknown } | null)?.cleanupPeriodDays
    return (typeof days === "number" && days >= 0 ? days : defaultDays) * day
  } catch {
    return defaultDays * day
  }
}
