import { type Context, fieldsOf, numberIn } from "session-rescue"

/** Of the window (0.24.4, read in its program), if that leaves room for a summary and for what the client keeps free. */
const usualShare = 0.85
const reserve = 20_000 + 13_000
const maxSettingsBytes = 1_000_000

/** Tokens at which the client compacts the context before the next prompt. */
export function compactsAt(
  ctx: Context,
  {
    home,
    cwd,
    window,
  }: { readonly home: string; readonly cwd: string | null; readonly window: number | null },
): number | null {
  if (window === null) return null
  const files = [...(cwd?.startsWith("/") ? [`${cwd}/.qwen/settings.json`] : []), `${home}/settings.json`]
  const [share = usualShare] = files.flatMap((file) => {
    const set = numberIn(fieldsOf(readSettings(ctx, file).context).autoCompactThreshold)
    return set !== null && set > 0 && set <= 1 ? [set] : []
  })
  return Math.round(window > reserve ? Math.min(share * window, window - reserve) : share * window)
}

function readSettings(ctx: Context, path: string): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(ctx.files.quiet.text(path, maxSettingsBytes) ?? "{}"))
  } catch {
    return {} // with comments, damaged, or being written
  }
}
