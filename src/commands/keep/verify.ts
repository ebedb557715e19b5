import { type ExitCode, RescueError } from "../../domain/errors.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import { isUnsound } from "../../domain/export/verified-state.ts"
import { type CatalogEntry, selectExports } from "../../operations/exports/select.ts"
import { verifyExports } from "../../operations/exports/verify.ts"
import { verifyRemote } from "../../operations/team/fetch/verify-remote.ts"
import { openRemote } from "../../operations/team/remote.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import { showVerify, verifyDocument } from "../../view/exports/verify.ts"
import { remoteVerifyDocument, showRemoteVerify } from "../../view/team/store.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, verboseFlag, worst } from "../framework/command.ts"
import { type Environment, openEnvironment } from "../framework/environment.ts"

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
    remote: {
      type: "boolean",
      description: "What is in your team's archive: a sample is read back; --all: all",
    },
    ...verboseFlag,
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue verify",
    "session-rescue verify 01e5af14 --md5",
    "session-rescue verify --all --json",
    "session-rescue verify --remote",
  ],
  async (parsed, signal) => {
    if (parsed.flags.has("all") && parsed.names.length > 0) {
      throw new RescueError("USAGE", "--all cannot be combined with names", "use one of them")
    }
    const environment = await openEnvironment(parsed, signal)
    if (parsed.flags.has("remote")) return verifyTeam(environment)
    const { ctx, out, json, warnings, paths } = environment
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

async function verifyTeam({
  parsed,
  ctx,
  out,
  json,
  warnings,
  paths,
  config,
}: Environment): Promise<ExitCode> {
  const { names, flags } = parsed
  if (names.length > 0 || flags.has("md5"))
    throw new RescueError(
      "USAGE",
      "--remote cannot be combined with names or --md5",
      "use --all to read everything back",
    )
  const remote = await openRemote(config.team, ctx.plugins, ctx)
  const reporter = showProgress(out, { verb: "reading back", items: 0, bytes: null })
  const { plugins, signal } = ctx
  const report = await verifyRemote(remote, { all: flags.has("all"), paths, plugins, reporter, signal })
  if (json) out.print(JSON.stringify(remoteVerifyDocument(report, warnings), null, 2))
  else {
    showWarnings(warnings, out)
    showRemoteVerify(report, out)
  }
  return worst({
    interrupted: report.interrupted,
    failed: report.verified.some(({ error }) => error !== null),
  })
}

function bytesOfAll(entries: readonly CatalogEntry[]): number {
  return entries.reduce(
    (sum, entry) => sum + (entry.kind === "export" ? totalBytes(entry.saved.manifest) : 0),
    0,
  )
}
