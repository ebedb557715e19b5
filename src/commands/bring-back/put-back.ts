/** What `restore` does beyond putting an export back: with `--repaired`. */
import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { restoreRepaired } from "../../operations/repair/put-back.ts"
import { openSubject } from "../../operations/repair/subject.ts"
import { restoreRepairedDocument, showRepair } from "../../view/repair/repair.ts"
import { restoreFacts, showRestore } from "../../view/restore/restore.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import type { Parsed } from "../framework/command.ts"
import { openEnvironment, stringFlag } from "../framework/environment.ts"

export async function putBackRepaired(parsed: Parsed, signal: AbortSignal): Promise<ExitCode> {
  const [name, more] = parsed.names
  if (name === undefined || more !== undefined)
    throw new RescueError(
      "USAGE",
      "--repaired takes one session",
      "name it: session-rescue restore ID --repaired",
    )
  const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
  const dryRun = parsed.flags.has("dry-run")
  const subject = await openSubject(name, { paths, ctx, verb: "restore" })
  try {
    const reporter = showProgress(out, { verb: "restoring", items: 1, bytes: null })
    const [to, folder] = [stringFlag(parsed, "to"), stringFlag(parsed, "folder")]
    const options = { paths, version, reporter, to, folder, force: true, dryRun, at: new Date() }
    const { repair, restore } = await restoreRepaired(subject, ctx, {
      ...options,
      repaired: `${paths.data}/repaired`,
    })
    if (json) {
      const facts = restore === null ? null : restoreFacts(restore, dryRun)
      out.print(JSON.stringify(restoreRepairedDocument(repair, facts, warnings), null, 2))
    } else {
      showWarnings(warnings, out)
      showRepair(repair, paths.home, out, { isPutBack: restore !== null })
      if (restore !== null) showRestore(restore, { dryRun, home: paths.home, now: Date.now() }, out)
    }
    return restore === null || restore.confirmed ? exitCodes.done : exitCodes.failed
  } finally {
    subject.file.close()
  }
}
