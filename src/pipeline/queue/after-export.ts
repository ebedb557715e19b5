import { silentReporter } from "../../domain/progress.ts"
import type { Paths } from "../../system/config/paths.ts"
import { IndexSession } from "../indexing/index-session.ts"
import { storedReader } from "../read-stored.ts"
import type { RunContext } from "../run-context.ts"
import { maxAttempts } from "./entries.ts"
import { processEveryPending } from "./every-agent.ts"
import type { ProcessingReport } from "./processing.ts"

/**
 * Runs after the acts of a command: runs the outstanding post-export plugins on the exports of this run and
 * on those a crash left behind. Errors are reported and do not affect the exports, which are complete.
 */
export async function processAfterActs(
  paths: Paths,
  version: string,
  ctx: RunContext,
): Promise<ProcessingReport> {
  const { signal, warn } = ctx
  const indexSession = new IndexSession(paths.data, warn)
  try {
    const plugins = await ctx.plugins.postProcessors()
    const about = {
      paths,
      version,
      names: null,
      on: "export",
      archiver: null,
      readStored: storedReader(ctx.plugins),
    } as const
    const report = await processEveryPending({
      ...about,
      plugins,
      indexSession,
      reporter: silentReporter,
      signal,
      warn,
    })
    for (const { name, outcomes, failure } of report.exports) {
      if (failure !== null) warn(`${failure.message}. Next: ${failure.hint}`)
      for (const { plugin, status, why, attempts } of outcomes) {
        if (status === "failed")
          warn(`the plugin ${plugin} failed on ${name} (try ${attempts} of ${maxAttempts}): ${why}`)
      }
    }
    if (report.interrupted) warn("interrupted: the remaining plugins run with the next export, kill or cx")
    return report
  } catch (error) {
    warn(`plugins were not run: ${(error as Error).message}`)
    return { exports: [], interrupted: false }
  } finally {
    await indexSession.close()
  }
}
