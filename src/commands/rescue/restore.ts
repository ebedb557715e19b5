import { exitCodes, RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { chooseAll, chooseExport } from "../../operations/restore/choose-export.ts"
import { restoreExport, restoreExports } from "../../operations/restore/restore.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import { restoreDocument, showRestore } from "../../view/restore/restore.ts"
import { restoresDocument, showRestores } from "../../view/restore/restore-many.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { putBackRepaired } from "../bring-back/put-back.ts"
import { restoreBefore } from "../bring-back/shorten.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, verboseFlag, worst } from "../framework/command.ts"
import { openEnvironment, stringFlag } from "../framework/environment.ts"

export default command(
  "restore",
  "Restore exported sessions and print the command that resumes them",
  {
    export: {
      type: "positional",
      required: false,
      description: "Ids (4 digits suffice), titles or folders of sessions, or files of exports",
    },
    all: { type: "boolean", description: "Restore every session that was exported, each its longest export" },
    to: { type: "string", valueHint: "FOLDER", description: "Unpack into this folder instead" },
    folder: {
      type: "string",
      valueHint: "FOLDER",
      description: "File the session under this folder, if its own moved or was deleted",
    },
    force: {
      type: "boolean",
      description: "Replace files that differ, after saving them; safety checks still apply",
    },
    repaired: {
      type: "boolean",
      description: "Repair the transcript, and put the copy in its place, after saving what is there",
    },
    before: {
      type: "string",
      valueHint: "compaction|MESSAGE",
      description: "Restore a copy under a new id that ends there; MESSAGE: words of a prompt, or its id",
    },
    files: {
      type: "boolean",
      description: "With --before and --to: write the files as they were then, instead",
    },
    "dry-run": { type: "boolean", description: "Show what would happen, and do nothing" },
    ...verboseFlag,
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue restore 01e5af14",
    "session-rescue restore 01e5af14 --dry-run",
    "session-rescue restore --all",
    "session-rescue restore 01e5af14 --folder ~/work/shop",
    "session-rescue restore 01e5af14 --repaired",
    "session-rescue restore 01e5af14 --before compaction",
    "session-rescue restore ./2026-01-31T23-59-58Z-….manifest.json --to /tmp/look",
  ],
  async (parsed, signal) => {
    const all = parsed.flags.has("all")
    if (parsed.flags.has("before")) return restoreBefore(parsed, signal)
    if (parsed.flags.has("files"))
      throw new RescueError(
        "USAGE",
        "--files needs --before",
        "name a point: --before compaction --files --to FOLDER",
      )
    if (parsed.flags.has("repaired")) return putBackRepaired(parsed, signal)
    if (all && parsed.names.length > 0)
      throw new RescueError("USAGE", "--all cannot be combined with names", "use one of them")
    if (!all && parsed.names.length === 0)
      throw new RescueError(
        "USAGE",
        "no export given to restore",
        "list the exports: session-rescue list   (or restore every session: --all)",
      )
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const [force, dryRun] = [parsed.flags.has("force"), parsed.flags.has("dry-run")]
    const [to, folder] = [stringFlag(parsed, "to"), stringFlag(parsed, "folder")]
    if (to !== null && folder !== null)
      throw new RescueError(
        "USAGE",
        "--to cannot be combined with --folder",
        "use --to to unpack, or --folder to file the session in its client's home",
      )
    const choice = { paths, readStored: storedReader(ctx.plugins, "evicted"), signal, warn: ctx.warn }
    const options = { paths, version, to, folder, force, dryRun }
    const facts = { dryRun, home: paths.home, now: Date.now(), verbose: parsed.flags.has("verbose") }
    const [name] = parsed.names
    if (name !== undefined && parsed.names.length === 1) {
      const saved = await chooseExport(name, choice)
      const reporter = showProgress(out, { verb: "restoring", items: 1, bytes: null })
      const report = await restoreExport(saved, ctx, { ...options, reporter })
      if (json) out.print(JSON.stringify(restoreDocument(report, dryRun, warnings), null, 2))
      else {
        showWarnings(warnings, out)
        showRestore(report, facts, out)
      }
      return report.confirmed ? exitCodes.done : exitCodes.failed
    }
    const { chosen, failures } = await chooseAll(all ? null : parsed.names, choice)
    const reporter = showProgress(out, { verb: "restoring", items: 0, bytes: null })
    const results = await restoreExports(chosen, ctx, { ...options, reporter })
    const report = { ...results, unchosen: failures, of: chosen.length + failures.length }
    if (json) out.print(JSON.stringify(restoresDocument(report, dryRun, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showRestores(report, facts, out)
    }
    const failed = failures.length > 0 || report.failures.length > 0
    return worst({
      interrupted: report.interrupted,
      failed: failed || report.reports.some(({ confirmed }) => !confirmed),
    })
  },
)
