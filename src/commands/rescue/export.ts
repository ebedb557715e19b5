import { showPath } from "../../domain/disk-path.ts"
import { isWhole } from "../../domain/export/export.ts"
import { hasExports } from "../../operations/exports/has-exports.ts"
import { detectAll } from "../../pipeline/detect.ts"
import type { ExportFailure } from "../../pipeline/export-sessions.ts"
import { selectNamed } from "../../pipeline/naming/select-sessions.ts"
import { scanAll, scanAtRisk } from "../../pipeline/scan.ts"
import { showExport } from "../../view/export/export.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { exportDocument } from "../../view/terminal/json.ts"
import { saveSessions } from "../framework/acts.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, verboseFlag, worst } from "../framework/command.ts"
import { type Environment, openEnvironment } from "../framework/environment.ts"
import { narrowFlags, parseNarrowing } from "../framework/narrow-flags.ts"
import { narrowDefault, narrowNamed } from "../framework/narrow-found.ts"

export default command(
  "export",
  "Export sessions as verified, byte-exact copies; by default all at risk",
  {
    session: {
      type: "positional",
      required: false,
      description: "Ids (4 digits suffice), terminals, pids, titles or folders",
    },
    all: { type: "boolean", description: "Export every session found" },
    verify: { type: "boolean", description: "Read unchanged sessions and their copies again, all of them" },
    md5: { type: "boolean", description: "Compute MD5 checksums too" },
    ...narrowFlags,
    ...verboseFlag,
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue --export",
    "session-rescue export pts/3",
    "session-rescue export --project . --unsaved",
    "session-rescue export --all --data-dir /mnt/usb",
    "session-rescue export --all --verify",
  ],
  async (parsed, signal) => {
    const environment = await openEnvironment(parsed, signal)
    const { ctx, out, json, warnings, paths, sudoUser } = environment
    const narrowing = parseNarrowing(parsed, ctx)
    const found = await detectAll(ctx, narrowing.agent)
    const failures =
      parsed.names.length > 0 ? [] : environment.unread.filter(mayHoldSessions).map(unreadFailure)
    const { sessions, view, notShown } =
      parsed.names.length > 0
        ? await narrowNamed(
            await selectNamed(parsed.names, found, { paths, ctx, verb: "export" }),
            narrowing,
            ctx,
          )
        : await narrowDefault(found, narrowing, ctx, parsed.flags.has("all") ? scanAll : scanAtRisk)
    const saved = await saveSessions(sessions, environment, {
      md5: parsed.flags.has("md5"),
      unchanged: parsed.flags.has("verify") ? "read" : "recorded",
    })
    const report = { ...saved, failures: [...failures, ...saved.failures] }
    if (json) {
      const counts = { notShown, leftOff: view.leftOff }
      out.print(JSON.stringify(exportDocument(report.exports, report.failures, counts, warnings), null, 2))
    } else {
      showWarnings(warnings, out)
      const nothing = found.length === 0 ? { sudoUser, savedBefore: hasExports(paths) } : undefined
      const verbose = parsed.flags.has("verbose")
      showExport(report, { home: paths.home, pending: paths.pending, verbose, nothing, narrowed: view }, out)
    }
    return worst({
      interrupted: report.interrupted || signal.aborted, // also in what follows an export
      failed: report.failures.length > 0 || report.exports.some(({ result }) => !isWhole(result)),
    })
  },
)

/** A home's settings say how long sessions are kept, and processes come and go. */
function mayHoldSessions({ path }: Environment["unread"][number]): boolean {
  return !/^\/proc\/|\/settings\.json$/.test(showPath(path))
}

/** A person who wants everything saved must be told, and a script must see it in the exit code. */
function unreadFailure({ error }: Environment["unread"][number]): ExportFailure {
  return { session: null, error }
}
