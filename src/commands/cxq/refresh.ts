import type { Freshness } from "../../domain/conversation/freshness.ts"
import { type ExitCode, RescueError } from "../../domain/errors.ts"
import { refreshBeforeQuery, startBackgroundRead } from "../../operations/search/refresh-index.ts"
import { describeFreshness } from "../../view/search/freshness.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import type { Environment } from "../framework/environment.ts"

const beginnings = {
  missing: "There is no index yet: indexing every session.",
  outdated: "The index has an older format: upgrading and updating it.",
  unusable: "The index is unusable: setting it aside and indexing every session again.",
} as const

const off: Freshness = { refresh: "off", asOf: null, left: null, why: null }

/**
 * Queries the index after reading what is new, as far as that fits in the time limit; the rest is read in the
 * background.
 */
export async function afterRefresh(
  environment: Environment,
  answer: (freshness: Freshness) => ExitCode,
): Promise<ExitCode> {
  const { parsed, out, json, ctx, paths } = environment
  const [full, skip] = [parsed.flags.has("fresh"), parsed.flags.has("no-refresh")]
  if (full && skip) {
    throw new RescueError("USAGE", "--fresh and --no-refresh cannot be combined", "use one of them")
  }
  if (skip) return answer(off)
  const reporter = showProgress(out, { verb: "reading", items: 0, bytes: null })
  const onCreate = (state: "missing" | "outdated" | "unusable") => {
    if (!json) out.note(`${beginnings[state]} Ctrl-C stops it; what was read is kept.`)
  }
  const freshness = await refreshBeforeQuery({ paths, reporter, full, onCreate }, ctx)
  const said = describeFreshness(freshness, ctx.now)
  if (said !== null && !json) out.note(`${out.paint.yellow("note:")} ${said}`)
  try {
    return answer(freshness)
  } finally {
    if (freshness.refresh === "in-background") await startBackgroundRead(paths)
  }
}
