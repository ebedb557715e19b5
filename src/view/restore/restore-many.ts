import type { RescueError } from "../../domain/errors.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { ChoiceFailure } from "../../operations/restore/choose-export.ts"
import type { RestoreReport } from "../../operations/restore/report.ts"
import type { RestoreFailure } from "../../operations/restore/restore.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import { nextForReal } from "../terminal/next-step.ts"
import type { Output, SystemOutput } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"
import { type RestoreFacts, restoreFacts } from "./restore.ts"

export interface RestoresReport {
  readonly reports: readonly RestoreReport[]
  readonly failures: readonly RestoreFailure[]
  /** Sessions of which no export could be chosen. */
  readonly unchosen: readonly ChoiceFailure[]
  readonly interrupted: boolean
  /** How many sessions were to be restored. */
  readonly of: number
}

/** A line for each of several sessions. */
export function showRestores(report: RestoresReport, facts: RestoreFacts, out: SystemOutput): void {
  for (const each of report.reports) showOne(each, facts, out)
  for (const { name, title, error } of failuresOf(report)) {
    const label = out.paint.red("FAILED    ")
    out.print(formatSessionLine({ label, id: shortId(name) ?? name, title, facts: [] }, out.columns))
    for (const line of error.message.split("\n")) out.print(`          ${sanitize(line)}`)
    out.print(`          ${sanitize(error.hint)}`)
  }
  for (const line of closing(report, facts, out)) out.print(line)
}

function showOne(each: RestoreReport, { dryRun, home, verbose }: RestoreFacts, out: SystemOutput): void {
  const { saved, files, confirmed } = each
  const { id, title } = saved.manifest.session
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const word = dryRun ? "dry run   " : confirmed ? (wrote(each) ? "restored  " : "in place  ") : "UNSURE    "
  const paint = confirmed ? out.paint.green : out.paint.yellow
  const size = `${formatSize(bytes)} in ${count(files.length, "file")}`
  out.print(
    formatSessionLine({ label: paint(word), id: shortId(id) ?? "no id", title, facts: [size] }, out.columns),
  )
  const short = (path: string) => sanitize(shortPath(path, home))
  if (verbose) out.print(out.paint.dim(`          from ${short(saved.path)} to ${short(each.root)}`))
  for (const { path } of each.before) if (path !== null) out.print(`          saved first: ${short(path)}`)
  for (const { relative, why } of [...files, ...each.links])
    if (why !== null)
      out.print(out.paint.yellow(`          not restored: ${sanitize(relative)}: ${sanitize(why)}`))
}

function wrote({ files }: RestoreReport): boolean {
  return files.some(({ outcome }) => outcome === "restored" || outcome === "replaced")
}

function failuresOf({ failures, unchosen }: RestoresReport) {
  return [
    ...unchosen.map(({ name, error }) => ({ name, title: null, error })),
    ...failures.map(({ saved, error }) => {
      const { id, title } = saved.manifest.session
      return { name: id, title, error }
    }),
  ] satisfies readonly { name: string; title: string | null; error: RescueError }[]
}

function closing(report: RestoresReport, { dryRun }: RestoreFacts, out: Output): string[] {
  const { reports, interrupted, of } = report
  const failed = report.failures.length + report.unchosen.length
  if (of === 0) return ["Nothing was exported yet.", "Next: session-rescue --export"]
  const restored = reports.filter((each) => wrote(each) && each.confirmed).length
  const unsure = reports.filter(({ confirmed }) => !confirmed).length
  const trouble = [
    ...(unsure > 0 ? [`${unsure} restored, but NOT certain to survive a power cut`] : []),
    ...(failed > 0 ? [`${count(failed, "session")} NOT restored`] : []),
  ]
  if (interrupted)
    return [
      `Interrupted: ${restored + unsure} of ${count(of, "session")} restored, the rest were not touched.`,
      "Next: run it again for the rest",
    ]
  if (dryRun)
    return [
      [`${count(restored, "session")} would be restored`, ...trouble, "nothing was changed"]
        .join(", ")
        .concat("."),
      nextForReal(out),
    ]
  const inPlace = reports.length - restored - unsure
  const said = [
    `${count(restored, "session")} restored and verified`,
    ...(inPlace > 0 ? [`${inPlace} already there`] : []),
    ...trouble,
  ]
  const next =
    failed > 0
      ? "Next: see the reasons above, then run it again"
      : "Next: session-rescue --resume   (the commands that resume them)"
  return [`${said.join(", ")}.`, next]
}

export function restoresDocument(report: RestoresReport, dryRun: boolean, warnings: readonly string[]) {
  return {
    schemaVersion,
    restores: report.reports.map((each) => restoreFacts(each, dryRun)),
    failures: failuresOf(report).map(({ name, error }) => {
      const { code, message, hint } = error
      return { id: name, code, message, hint }
    }),
    interrupted: report.interrupted,
    warnings,
  }
}
