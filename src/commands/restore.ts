import { exitCodes, RescueError } from "../domain/errors.ts"
import { version } from "../domain/version.ts"
import { chooseExport } from "../operations/restore/choose-export.ts"
import { restoreExport } from "../operations/restore/restore.ts"
import { storedReader } from "../pipeline/read-stored.ts"
import { restoreDocument, showRestore } from "../view/restore/restore.ts"
import { showWarnings } from "../view/terminal/error.ts"
import { showProgress } from "../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, verboseFlag } from "./framework/command.ts"
import { openEnvironment, stringFlag } from "./framework/environment.ts"

export default command(
  "restore",
  "Restore an exported session and print the command that resumes it",
  {
    export: {
      type: "positional",
      required: true,
      description: "An id (4 digits suffice), title or folder of a session, or a file of an export",
    },
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
    "dry-run": { type: "boolean", description: "Show what would happen, and do nothing" },
    ...verboseFlag,
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue restore 01e5af14",
    "session-rescue restore 01e5af14 --dry-run",
    "session-rescue restore 01e5af14 --folder ~/work/shop",
    "session-rescue restore ./2026-01-31T23-59-58Z-….manifest.json --to /tmp/look",
  ],
  async (parsed, signal) => {
    const [name, ...more] = parsed.names
    if (name === undefined || more.length > 0) {
      const message = name === undefined ? "no export given to restore" : "restore takes one export at a time"
      throw new RescueError("USAGE", message, "list the exports: session-rescue list")
    }
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const [force, dryRun] = [parsed.flags.has("force"), parsed.flags.has("dry-run")]
    const [to, folder] = [stringFlag(parsed, "to"), stringFlag(parsed, "folder")]
    if (to !== null && folder !== null)
      throw new RescueError(
        "USAGE",
        "--to cannot be combined with --folder",
        "use --to to unpack, or --folder to file the session in its client's home",
      )
    const saved = await chooseExport(name, {
      paths,
      readStored: storedReader(ctx.plugins, "evicted"),
      signal,
      warn: ctx.warn,
    })
    const reporter = showProgress(out, { verb: "restoring", items: 1, bytes: null })
    const report = await restoreExport(saved, ctx, { paths, version, reporter, to, folder, force, dryRun })
    if (json) out.print(JSON.stringify(restoreDocument(report, dryRun, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showRestore(
        report,
        { dryRun, home: paths.home, now: Date.now(), verbose: parsed.flags.has("verbose") },
        out,
      )
    }
    return report.confirmed ? exitCodes.done : exitCodes.failed
  },
)
