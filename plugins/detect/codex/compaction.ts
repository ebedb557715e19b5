import type { Context } from "session-rescue"

/**
 * The client compacts at nine tenths of the model's window, and reports 95 hundredths of it as its window, unless its
 * configuration sets a lower number of tokens (0.171.0, observed).
 */
const compactedShare = 0.9
const reportedShare = 0.95
const maxConfigBytes = 1_000_000

/** Tokens at which the client compacts by itself; `window`: as it reports it. */
export function compactsAt(ctx: Context, home: string, window: number | null): number | null {
  const usual = window === null ? null : Math.floor((window / reportedShare) * compactedShare)
  const config = ctx.files.quiet.text(`${home}/config.toml`, maxConfigBytes) ?? ""
  const [top = ""] = config.split(/^\s*\[/m) // before the first table
  const set = Number(/^\s*model_auto_compact_token_limit\s*=\s*([\d_]+)/m.exec(top)?.[1]?.replaceAll("_", ""))
  return set > 0 ? Math.min(set, usual ?? set) : usual
}
