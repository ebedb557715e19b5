import {
  type ExitCode,
  exitCodes,
  interrupted as interruptedError,
  RescueError,
} from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { chooseExport } from "../../operations/restore/choose-export.ts"
import { restoreExport } from "../../operations/restore/restore.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { selectNamed } from "../../pipeline/naming/select-sessions.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import { scanAll } from "../../pipeline/scan.ts"
import { restoreDocument, showRestore } from "../../view/restore/restore.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { saveSessions } from "./acts.ts"
import type { Parsed } from "./command.ts"
import type { Environment } from "./environment.ts"

/**
 * `resume --folder`: saves one session, verified, and puts the export back under another folder of its home, where its
 * client finds it from now on. The files at its old place are kept.
 */
export async function rehome(parsed: Parsed, folder: string, environment: Environment): Promise<ExitCode> {
  const { ctx, out, json, warnings, paths } = environment
  const [name, more] = parsed.names
  if (name === undefined || more !== undefined || parsed.flags.has("all"))
    throw new RescueError(
      "USAGE",
      "--folder takes one session",
      "name it: session-rescue resume ID --folder FOLDER",
    )
  const named = await selectNamed([name], await detectAll(ctx, null), { paths, ctx, verb: "resume" })
  const { exports, failures, interrupted } = await saveSessions(
    (await scanAll(named, ctx)).sessions,
    environment,
  )
  if (interrupted) throw interruptedError("no copy was filed")
  if (failures[0] !== undefined) throw failures[0].error
  const [only, another] = exports.map(({ result }) => result)
  const whole = only?.status === "verified" || only?.status === "unchanged"
  if (!whole || only.manifest === null || another !== undefined) throw notSaved(name)
  const { signal } = ctx
  const saved = await chooseExport(only.manifest, {
    paths,
    readStored: storedReader(ctx.plugins),
    signal,
    warn: ctx.warn,
  })
  const reporter = showProgress(out, { verb: "filing", items: 1, bytes: null })
  const options = { paths, version, reporter, to: null, folder, force: false, dryRun: false }
  const report = await restoreExport(saved, ctx, options)
  if (json) out.print(JSON.stringify(restoreDocument(report, false, warnings), null, 2))
  else {
    showWarnings(warnings, out)
    showRestore(report, { dryRun: false, home: paths.home, now: Date.now() }, out)
  }
  return report.confirmed ? exitCodes.done : exitCodes.failed
}

function notSaved(name: string): RescueError {
  return new RescueError(
    "REFUSED",
    `there is no verified copy of "${name}" to move: nothing was written`,
    `see why: session-rescue export ${name}`,
  )
}
