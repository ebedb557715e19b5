import type { Freshness } from "../../domain/conversation/freshness.ts"
import { RescueError } from "../../domain/errors.ts"
import { silentReporter } from "../../domain/progress.ts"
import { indexStateAt, lastFullRead } from "../../index/index.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { indexPath, type Paths } from "../../system/config/paths.ts"
import { refreshBeforeQuery, startBackgroundRead } from "./refresh-index.ts"

/** Clients give a tool up after 30 or 60 seconds. */
const longestWaitMs = 20_000
const pollMs = 200

/**
 * As before a query of `cxq`, but never longer than a client waits for a tool: where the index has to be made first,
 * that goes on in the background. Throws NO_INDEX while it is not there.
 */
export async function refreshWithin(paths: Paths, ctx: RunContext): Promise<Freshness> {
  const path = indexPath(paths.data)
  const isThere = () => !["missing", "outdated", "unusable"].includes(indexStateAt(path))
  const isFilled = () => isThere() && (indexStateAt(path) === "newer" || lastFullRead(path) !== null)
  if (!isThere()) {
    await startBackgroundRead(paths)
    for (let waited = 0; waited < longestWaitMs && !isFilled(); waited += pollMs) {
      if (ctx.signal.aborted) break
      await Bun.sleep(pollMs)
    }
    if (!isThere())
      throw new RescueError(
        "NO_INDEX",
        "the index of all sessions is being made for the first time",
        "ask again in a minute; status and show need no index",
      )
  }
  const options = { paths, reporter: silentReporter, full: false, hasty: true, onCreate: () => {} }
  return refreshBeforeQuery(options, ctx)
}
