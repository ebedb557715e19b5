import { version } from "../../domain/version.ts"
import { IndexSession } from "../../pipeline/indexing/index-session.ts"
import { defaultArchiver } from "../../pipeline/queue/archive-group.ts"
import { planEveryProcessing, processEveryPending } from "../../pipeline/queue/every-agent.ts"
import { archiverNamed, storedReader } from "../../pipeline/read-stored.ts"
import { showArchive } from "../../view/process/archive.ts"
import { processingDocument } from "../../view/process/queue.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, verboseFlag, worst } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "archive",
  "Move processed exports to the archive, verified before they are removed",
  {
    export: {
      type: "positional",
      required: false,
      description: "Ids (4 digits suffice), titles, folders or names of exports",
    },
    "dry-run": { type: "boolean", description: "Show what would happen, and do nothing" },
    ...verboseFlag,
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  ["session-rescue archive", "session-rescue archive 01e5af14", "session-rescue archive --dry-run --json"],
  async (parsed, signal) => {
    const { ctx, out, json, warnings, paths, config } = await openEnvironment(parsed, signal)
    const dryRun = parsed.flags.has("dry-run")
    const options = {
      paths,
      version,
      names: parsed.names.length > 0 ? parsed.names : null,
      on: "cx",
      archiver: await archiverNamed(config.archiver ?? defaultArchiver, ctx.plugins),
      plugins: await ctx.plugins.postProcessors(),
      onlyProcessed: true,
      reporter: showProgress(out, { verb: "archiving", items: 0, bytes: null }),
      readStored: storedReader(ctx.plugins),
      signal,
      warn: ctx.warn,
    } as const
    const indexSession = new IndexSession(paths.data, ctx.warn)
    const report = dryRun
      ? await planEveryProcessing(options)
      : await processEveryPending({ ...options, indexSession }).finally(() => indexSession.close())
    if (json) out.print(JSON.stringify({ ...processingDocument(report, warnings), dryRun }, null, 2))
    else {
      showWarnings(warnings, out)
      showArchive(
        report,
        { home: paths.home, archive: paths.archive, dryRun, verbose: parsed.flags.has("verbose") },
        out,
      )
    }
    const named = parsed.names.length > 0
    // an export that was named and cannot be archived yet is a failure; one that merely waits is not
    const failed = report.exports.some((each) => each.failure !== null || (named && each.archived === null))
    return worst({ interrupted: report.interrupted, failed })
  },
)
