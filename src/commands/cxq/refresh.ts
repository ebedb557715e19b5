import type { Freshness } from "../../domain/conversation/freshness.ts"
import { type ExitCode, RescueError } from "../../domain/errors.ts"
import { goOnReading, refreshIndex } from "../../operations/search/refresh-index.ts"
import { sayFreshness } from "../../view/search/freshness.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import type { Environment } from "../framework/environment.ts"

const off: Freshness = { refresh: "off", asOf: null, left: null, why: null }

/** Asks an index that holds what is new, as far as that can be read while somebody waits; the rest is read behind them. */
export async function afterRefresh(
  environment: Environment,
  answer: (freshness: Freshness) => ExitCode,
): Promise<ExitCode> {
  const { parsed, out, json, ctx, paths } = environment
  const [whole, none] = [parsed.flags.has("fresh"), parsed.flags.has("no-refresh")]
  if (whole && none) {
    throw new RescueError("USAGE", "--fresh and --no-refresh exclude one another", "leave one of them out")
  }
  if (none) return answer(off)
  const reporter = showProgress(out, { verb: "reading", items: 0, bytes: null })
  const begins = () => {
    if (!json)
      out.note("There is no index yet: every session is read into one. Ctrl-C stops it; what is read stays.")
  }
  const freshness = await refreshIndex({ paths, reporter, whole, begins }, ctx)
  const said = sayFreshness(freshness, ctx.now)
  if (said !== null && !json) out.note(`${out.paint.yellow("note:")} ${said}`)
  try {
    return answer(freshness)
  } finally {
    if (freshness.refresh === "goes on") await goOnReading(paths)
  }
}
