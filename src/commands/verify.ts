import { RescueError } from "../domain/errors.ts"
import { totalBytes } from "../domain/export/recorded-path.ts"
import { type CatalogEntry, selectExports } from "../operations/exports/select.ts"
import { isUnsound, verifyExports } from "../operations/exports/verify.ts"
import { storedReader } from "../pipeline/read-stored.ts"
import { showVerify, verifyDocument } from "../view/exports/verify.ts"
import { showWarnings } from "../view/terminal/error.ts"
import { showProgress } from "../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, worst } from "./framework/command.ts"
import { openEnvironment } from "./framework/environment.ts"

export default command(
  "verify",
  "Reads exports again, from the disk, and compares every byte with the manifest. Without a name: all, pending and archived.",
  {
    export: {
      type: "positional",
      required: false,
      description: "Ids (4 digits are enough) or files of exports",
    },
    all: { type: "boolean", description: "All, pending and archived: what it does without a name" },
    md5: { type: "boolean", description: "MD5 sums too" },
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  ["session-rescue verify", "session-rescue verify 01e5af14 --md5", "session-rescue verify --all --json"],
  async (parsed, signal) => {
    if (parsed.flags.has("all") && parsed.names.length > 0) {
      throw new RescueError("USAGE", "either --all or names", "leave one of the two away")
    }
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const entries = selectExports(parsed.names, paths, "verify")
    const md5 = parsed.flags.has("md5")
    const work = { verb: "reading again", items: entries.length, bytes: bytesOfAll(entries) }
    const reporter = showProgress(out, work)
    const readStored = storedReader(ctx.plugins)
    const report = await verifyExports(entries, paths, { md5, readStored, reporter, signal })
    if (json) out.print(JSON.stringify(verifyDocument(report, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showVerify(report, { home: paths.home, of: entries.length, md5 }, out)
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
