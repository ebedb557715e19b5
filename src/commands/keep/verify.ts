import { RescueError } from "../../domain/errors.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import { isUnsound } from "../../domain/export/verified-state.ts"
import { type CatalogEntry, selectExports } from "../../operations/exports/select.ts"
import { verifyExports } from "../../operations/exports/verify.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import { showVerify, verifyDocument } from "../../view/exports/verify.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, verboseFlag, worst } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"

export default command(
  "verify",
  "Read exports from disk again and compare every byte with the manifest",
  {
    export: {
      type: "positional",
      required: false,
      description: "Ids (4 digits suffice) or files of exports; by default all",
    },
    all: { type: "boolean", description: "Verify all exports, pending and archived (the default)" },
    md5: { type: "boolean", description: "Compute MD5 checksums too" },
    ...verboseFlag,
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue verify", "session-rescue verify 01e5af14 --md5", "session-rescue verify --all --json"],
  async (parsed, signal) => {
    if (parsed.flags.has("all") && parsed.names.length > 0) {
      throw new RescueError("USAGE", "--all cannot be combined with names", "use one of them")
    }
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const entries = selectExports(parsed.names, paths, "verify")
    const md5 = parsed.flags.has("md5")
    const work = { verb: "reading again", items: entries.length, bytes: bytesOfAll(entries) }
    const reporter = showProgress(out, work)
    const readStored = storedReader(ctx.plugins, "evicted")
    const report = await verifyExports(entries, paths, { md5, readStored, reporter, signal })
    if (json) out.print(JSON.stringify(verifyDocument(report, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showVerify(
        report,
        { home: paths.home, of: entries.length, md5, verbose: parsed.flags.has("verbose") },
        out,
      )
    }
    return worst({ interrupted: report.interrupted, failed: report.verified.some(isUnsound) })
  },
)

function bytesOfAll(entries: readonly CatalogEntry[]): number {
  return entries.reduce(
    (sum, entry) => sum + (entry.kind === "export" ? totalBytes(entry.saved.manifest) : 0),
    0,
  )
}
