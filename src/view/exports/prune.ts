import type { SavedExport } from "../../domain/export/export.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { PruneResult } from "../../operations/exports/prune.ts"
import { count, formatAge, formatSize, shortPath } from "../terminal/format.ts"
import { errorDocument, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

export interface PruneView {
  readonly dryRun: boolean
  readonly home: string
  readonly now: number
  /** The path of each export, too. */
  readonly verbose?: boolean
}

const margin = " ".repeat(12)

export function showPrune(
  report: PruneResult,
  { dryRun, home, now, verbose = false }: PruneView,
  out: Output,
): void {
  const { paint } = out
  const exported = ({ manifest }: SavedExport) =>
    `exported ${formatAge(Date.parse(manifest.exportedAt), now)}`
  const show = (word: string, saved: SavedExport, facts: readonly string[]) => {
    const { id, title } = saved.manifest.session
    const line = { label: word, id: shortId(id) ?? "no id", title, facts: [exported(saved), ...facts] }
    out.print(formatSessionLine(line, out.columns))
    if (verbose) out.print(paint.dim(margin + sanitize(shortPath(saved.path, home))))
  }
  for (const { saved, bytes, supersededBy } of report.removed) {
    show(paint.yellow(dryRun ? "to remove   " : "removed     "), saved, [formatSize(bytes)])
    const other = `${supersededBy.place}, ${exported(supersededBy)}, compared now`
    const path = verbose ? `: ${sanitize(shortPath(supersededBy.path, home))}` : ""
    out.print(`${margin}fully contained in another one (${other})${path}`)
  }
  for (const { saved, why } of report.kept) {
    show(paint.green("kept        "), saved, [])
    out.print(paint.dim(`${margin}${sanitize(why)}`))
  }
  for (const { saved, error } of report.failures) {
    show(paint.red("FAILED      "), saved, [])
    out.print(`${margin}${sanitize(error.message)}`)
    out.print(`${margin}${sanitize(error.hint)}`)
  }
  out.print(paint.bold(summary(report, dryRun)))
  out.print(nextStep(report, dryRun))
}

function summary({ removed, failures, interrupted }: PruneResult, dryRun: boolean): string {
  const freed = removed.reduce((sum, { bytes }) => sum + bytes, 0)
  const failed = failures.length === 0 ? "" : ` ${failures.length} FAILED, see above.`
  if (removed.length === 0 && (failures.length > 0 || interrupted)) return `Nothing was removed.${failed}`
  if (removed.length === 0) return "Nothing to prune: no pending export is fully contained in another."
  const what = `${count(removed.length, "export")}${dryRun ? " would be" : ""} removed, ${formatSize(freed)}`
  return `${what}; every byte of it is in another export.${failed}`
}

function nextStep({ removed, failures, interrupted }: PruneResult, dryRun: boolean): string {
  if (interrupted) return "Interrupted. Next: run it again for the rest"
  if (failures.length > 0) return "Next: see the reasons above, then run it again"
  return dryRun && removed.length > 0 ? "Next: session-rescue prune" : "Next: session-rescue list"
}

export function pruneDocument(report: PruneResult, dryRun: boolean, warnings: readonly string[]) {
  const { removed, kept, failures, interrupted } = report
  return {
    schemaVersion,
    dryRun,
    removed: removed.map(({ saved, bytes, supersededBy }) => ({
      id: saved.manifest.session.id,
      path: saved.path,
      bytes,
      supersededBy: supersededBy.path,
      place: supersededBy.place,
    })),
    kept: kept.map(({ saved, why }) => ({ id: saved.manifest.session.id, path: saved.path, why })),
    failures: failures.map(({ saved, error }) => ({ path: saved.path, ...errorDocument(error).error })),
    interrupted,
    warnings,
  }
}
