import { pruneAll } from "../../operations/exports/prune.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import { pruneDocument, showPrune } from "../../view/exports/prune.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, verboseFlag, worst } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "prune",
  "Remove pending exports whose every byte is in a newer or archived one",
  {
    "dry-run": { type: "boolean", description: "Compare, show what would be removed, and do nothing" },
    ...verboseFlag,
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue prune --dry-run", "session-rescue prune", "session-rescue prune --json"],
  async (parsed, signal) => {
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const dryRun = parsed.flags.has("dry-run")
    const reporter = showProgress(out, { verb: "comparing", items: 1, bytes: null })
    const report = await pruneAll({
      paths,
      dryRun,
      readStored: storedReader(ctx.plugins),
      reporter,
      signal,
    })
    if (json) out.print(JSON.stringify(pruneDocument(report, dryRun, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showPrune(
        report,
        { dryRun, home: paths.home, now: Date.now(), verbose: parsed.flags.has("verbose") },
        out,
      )
    }
    return worst({ interrupted: report.interrupted, failed: report.failures.length > 0 })
  },
)
