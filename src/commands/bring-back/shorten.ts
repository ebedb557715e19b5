import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { openSubject, type Subject } from "../../operations/repair/subject.ts"
import { restoreExport } from "../../operations/restore/restore.ts"
import { locateKept, writeKept } from "../../operations/shorten/kept-files.ts"
import { planCut, writeShortened } from "../../operations/shorten/shorten.ts"
import { restoreFacts, showRestore } from "../../view/restore/restore.ts"
import { shortenDocument, showShorten } from "../../view/shorten/shorten.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import type { Parsed } from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"
import { folderFlag } from "../framework/flag-values.ts"

/** `restore ID --before POINT`: a copy under a new id that ends there, or with `--files` only the files of that point. */
export async function restoreBefore(parsed: Parsed, signal: AbortSignal): Promise<ExitCode> {
  const [name, more] = parsed.names
  const isFiles = parsed.flags.has("files")
  const to = folderFlag(stringFlag(parsed, "to"))
  if (name === undefined || more !== undefined)
    throw new RescueError(
      "USAGE",
      "--before takes one session",
      "name it: session-rescue restore ID --before compaction",
    )
  if (isFiles && to === null)
    throw new RescueError(
      "USAGE",
      "--files needs a folder to write into",
      "give one: --files --to /some/folder",
    )
  const environment = await openEnvironment(parsed, signal)
  const subject = await openSubject(name, { paths: environment.paths, ctx: environment.ctx, verb: "restore" })
  try {
    return await shorten(subject, parsed, environment, { to, isFiles })
  } finally {
    subject.file.close()
  }
}

async function shorten(
  subject: Subject,
  parsed: Parsed,
  { ctx, out, json, warnings, paths }: Environment,
  { to, isFiles }: { readonly to: string | null; readonly isFiles: boolean },
): Promise<ExitCode> {
  const dryRun = parsed.flags.has("dry-run")
  const cut = planCut(subject, stringFlag(parsed, "before") ?? "")
  const files = locateKept(subject, cut.files, ctx)
  const written = isFiles && !dryRun && to !== null ? await writeKept(files, to) : null
  const isCopied = !dryRun && !isFiles
  const at = new Date()
  const made = isCopied
    ? await writeShortened(subject, cut, { folder: `${paths.data}/shortened`, version, at })
    : null
  const reporter = showProgress(out, { verb: "restoring", items: 1, bytes: null })
  const options = {
    paths,
    version,
    reporter,
    to,
    folder: stringFlag(parsed, "folder"),
    force: false,
    dryRun: false,
  }
  const restored = made === null ? null : await restoreExport(made.saved, ctx, options)
  const report = { subject, cut, files, written, dryRun }
  if (json) {
    const facts = restored === null ? null : restoreFacts(restored, false)
    out.print(JSON.stringify(shortenDocument(report, facts, warnings), null, 2))
  } else {
    showWarnings(warnings, out)
    showShorten(report, paths.home, out)
    if (restored !== null) showRestore(restored, { dryRun: false, home: paths.home, now: Date.now() }, out)
  }
  return restored === null || restored.confirmed ? exitCodes.done : exitCodes.failed
}
